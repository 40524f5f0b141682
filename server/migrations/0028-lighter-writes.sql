-- Members and roles change in place: with room left on their pages, a change need not touch the indexes.
alter table members set (fillfactor = 75);
alter table roles set (fillfactor = 75);

-- The same as before, in one insert: only the hashes have to be made one after another.
create or replace function append_events(entries jsonb) returns bigint language plpgsql as $$
declare
  tenant  text := current_setting('app.tenant_id');
  head    event_heads;
  entry   jsonb;
  lines   text[] := '{}';
  hashes  bytea[] := '{}';
  line    text;
  began   bigint;
  moment  timestamptz := clock_timestamp();
  stamp   text := to_char(moment at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
begin
  insert into event_heads values (tenant, 0, '\x') on conflict do nothing;
  select * into strict head from event_heads where tenant_id = tenant for update;
  began := head.seq;
  for entry in select value from jsonb_array_elements(entries) loop
    head.seq := head.seq + 1;
    line := (entry || jsonb_build_object('seq', head.seq, 'at', stamp))::text;
    head.hash := sha256(head.hash || convert_to(line, 'UTF8'));
    lines := lines || line;
    hashes := hashes || head.hash;
  end loop;
  insert into events (tenant_id, seq, id, type, subjects, at, body, hash)
  select tenant, began + at, value->>'id', value->>'type',
    array(select jsonb_array_elements_text(value->'subjects')), moment, lines[at], hashes[at]
  from jsonb_array_elements(entries) with ordinality as one(value, at);
  update event_heads set seq = head.seq, hash = head.hash where tenant_id = tenant;
  perform pg_notify('keydesk_live', json_build_object('tenant', tenant, 'seq', head.seq)::text);
  return head.seq;
end $$;
