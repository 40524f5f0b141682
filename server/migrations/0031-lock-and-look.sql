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
