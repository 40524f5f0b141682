-- Locks members for a change and then looks at them, with the roles they hold: in one statement, and yet each of
-- its own moment, so that who was hidden while we waited for the lock is hidden now.
create function lock_visible_members(ids text[], deletion boolean)
returns table (member members, held json, locked_at timestamptz) language plpgsql as $$
begin
  if deletion then
    perform from members m where m.id = any (ids) order by m.id for update;
  else
    perform from members m where m.id = any (ids) order by m.id for no key update;
  end if;
  return query
    select m, (
        select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'source', g.source) order by r.name_key), '[]')
        from member_roles g join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
        where g.tenant_id = m.tenant_id and g.member_id = m.id), now()
    from members m where m.id = any (ids) and not (m.break_glass or m.owner);
end $$;

-- Whether anything of a connection is held back stands in its own row, which every call reads: then a change need
-- not look for what it takes the place of.
alter table service_users add column holding boolean not null default false;
update service_users u set holding = true
where exists (select from scim_holds h
  where h.tenant_id = u.tenant_id and h.service_user_id = u.id and h.state = 'held');

create function mark_holding() returns trigger language plpgsql as $$
declare
  hold scim_holds := coalesce(new, old);
begin
  update service_users u set holding = not u.holding
  where u.tenant_id = hold.tenant_id and u.id = hold.service_user_id and u.holding <> exists (
    select from scim_holds h
    where h.tenant_id = u.tenant_id and h.service_user_id = u.id and h.state = 'held');
  return null;
end $$;
create trigger holds_kept after insert or update of state or delete on scim_holds
  for each row execute function mark_holding();
