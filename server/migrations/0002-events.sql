-- The event log: one append-only line of what happened, read as timeline, audit log, live feed and
-- trigger. Each line's hash covers the line before it, so that nothing can be changed unseen.

create table event_heads (
  tenant_id  text primary key references tenants on delete cascade,
  seq        bigint not null,
  hash       bytea not null
);
select isolate_tenant('event_heads');
revoke delete on event_heads from keydesk_app;

create table events (
  tenant_id  text not null references tenants on delete cascade,
  seq        bigint not null,
  id         text not null check (id like 'evt\_%'),
  type       text not null check (type ~ '^[a-z_]+(\.[a-z_]+)+$'),
  subjects   text[] not null,
  at         timestamptz not null,
  -- The exact text that was hashed: {seq, id, type, at, actor, subjects, facts} as canonical jsonb.
  body       text not null,
  hash       bytea not null,
  primary key (tenant_id, seq),
  unique (tenant_id, id)
);
select isolate_tenant('events');
revoke update, delete on events from keydesk_app;

-- Timelines ask for the lines of one thing.
create index events_subjects on events using gin (subjects);
create index events_type on events (tenant_id, type, seq);

-- Appends entries in one go. Locking the head puts a tenant's lines in the order of their commits,
-- so a reader who has seen line n will never find a line below n later.
create function append_events(entries jsonb) returns bigint language plpgsql as $$
declare
  tenant  text := current_setting('app.tenant_id');
  head    event_heads;
  entry   jsonb;
  line    text;
  moment  timestamptz := clock_timestamp();
begin
  insert into event_heads values (tenant, 0, '\x') on conflict do nothing;
  select * into strict head from event_heads where tenant_id = tenant for update;
  for entry in select value from jsonb_array_elements(entries) loop
    head.seq := head.seq + 1;
    line := (entry || jsonb_build_object(
      'seq', head.seq,
      'at', to_char(moment at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))::text;
    head.hash := sha256(head.hash || convert_to(line, 'UTF8'));
    insert into events (tenant_id, seq, id, type, subjects, at, body, hash)
    values (tenant, head.seq, entry->>'id', entry->>'type',
      array(select jsonb_array_elements_text(entry->'subjects')), moment, line, head.hash);
  end loop;
  update event_heads set seq = head.seq, hash = head.hash where tenant_id = tenant;
  perform pg_notify('keydesk_live', json_build_object('tenant', tenant, 'seq', head.seq)::text);
  return head.seq;
end $$;
