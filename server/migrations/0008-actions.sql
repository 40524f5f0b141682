-- Approvals, and the journal of everything done in other systems: one row per effect.

create table approvals (
  tenant_id           text not null references tenants on delete cascade,
  id                  text not null check (id like 'apr\_%'),
  state               text not null default 'waiting' check (state in ('waiting', 'approved', 'declined', 'void')),
  question            text not null,
  -- Everything that the approver sees, and its SHA-256. What runs later is held against the digest.
  shown               jsonb not null,
  digest              text not null,
  -- The manager who is asked; null when anyone with the permission is.
  approver_id         text,
  -- People who must not decide: who asked, who it is done to, who requested it.
  barred_person_ids   text[] not null default '{}',
  barred_member_ids   text[] not null default '{}',
  request_id          text,
  asked_by            jsonb not null,
  decided_by          jsonb,
  comment             text,
  created_at          timestamptz not null default now(),
  decided_at          timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, approver_id) references people,
  foreign key (tenant_id, request_id) references requests,
  check ((state in ('approved', 'declined')) = (decided_by is not null))
);
select isolate_tenant('approvals');
create index approvals_approver on approvals (tenant_id, approver_id, created_at) where state = 'waiting';
create index approvals_request on approvals (tenant_id, request_id);

create table action_gates (
  tenant_id  text not null references tenants on delete cascade,
  action_id  text not null,
  gate       text not null check (gate in ('none', 'manager')),
  primary key (tenant_id, action_id)
);
select isolate_tenant('action_gates');

create table action_runs (
  tenant_id       text not null references tenants on delete cascade,
  id              text not null check (id like 'run\_%'),
  action_id       text not null,
  label           text not null,
  input           jsonb not null,
  plan            jsonb not null,
  digest          text not null,
  state           text not null check (state in
    ('waiting', 'approved', 'sending', 'acked', 'already', 'failed', 'declined', 'unknown', 'undone')),
  person_id       text,
  request_id      text,
  approval_id     text,
  started_by      jsonb not null,
  -- Who sends: a number that only grows. A worker whose number is outdated must not touch the socket.
  fence           integer not null default 0,
  deadline_at     timestamptz,
  receipt         jsonb,
  failure         jsonb,
  evidence        text,
  undo_of         text,
  created_at      timestamptz not null default now(),
  sent_at         timestamptz,
  ended_at        timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references people,
  foreign key (tenant_id, request_id) references requests,
  foreign key (tenant_id, approval_id) references approvals,
  -- One approval lets one run happen.
  unique (tenant_id, approval_id)
);
select isolate_tenant('action_runs');
create index action_runs_request on action_runs (tenant_id, request_id, created_at);
create index action_runs_person on action_runs (tenant_id, person_id, created_at);
-- What a sweep looks for: sent, and no answer by the deadline; or approved and not yet sent.
create index action_runs_open on action_runs (tenant_id, state, deadline_at) where state in ('approved', 'sending', 'unknown');
