-- Mail that waits to go out. The body is sealed: sign-in links are secrets.

create table mails (
  tenant_id    text not null references tenants on delete cascade,
  id           text not null check (id like 'mai\_%'),
  recipient    text not null,
  subject      text not null,
  body_sealed  bytea not null,
  state        text not null default 'queued' check (state in ('queued', 'sent', 'failed')),
  attempts     integer not null default 0,
  failure      text,
  sent_at      timestamptz,
  created_at   timestamptz not null default now(),
  primary key (tenant_id, id)
);
select isolate_tenant('mails');
