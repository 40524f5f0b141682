-- Whether a provider may see a member stands in the member's own row: it is asked in every statement, and
-- the answer must not hang on how PostgreSQL plans a look at everybody's roles.
alter table members add column owner boolean not null default false;

update members m set owner = true
where exists (select from member_roles g join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
  where g.tenant_id = m.tenant_id and g.member_id = m.id and r.system_key = 'owner');

drop index members_break_glass;
create index members_hidden on members (tenant_id, id) where break_glass or owner;

-- However the role of an owner is given or taken, the row follows in the same statement.
create function mark_owners() returns trigger language plpgsql as $$
begin
  update members m set owner = not m.owner
  from (select distinct c.tenant_id, c.member_id from changed c
      join roles r on r.tenant_id = c.tenant_id and r.id = c.role_id and r.system_key = 'owner') one
  where m.tenant_id = one.tenant_id and m.id = one.member_id
    and m.owner <> exists (
      select from member_roles g join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
      where g.tenant_id = m.tenant_id and g.member_id = m.id and r.system_key = 'owner');
  return null;
end $$;
create trigger owners_made after insert on member_roles referencing new table as changed
  for each statement execute function mark_owners();
create trigger owners_unmade after delete on member_roles referencing old table as changed
  for each statement execute function mark_owners();
