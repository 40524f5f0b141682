-- The safety brake's count, and shadow copies of a workspace.

-- Lets what costs people their access pass, and counts it, or says that it is too much. `calls` is a list of
-- lists of {memberId, kind}: one list for each call of a batch, decided in order. The lock is held to the end
-- of the transaction, so that what another process counts is seen. It is one function because each statement
-- in it sees what was committed before the lock was given, and the caller waits for one answer only. A plan
-- that was made while nothing was counted yet would be a bad one for thousands, so none is kept.
create function take_cuts(connection text, minutes integer, people integer, share numeric, calls jsonb)
  returns table (passed boolean, counted integer, allowed integer)
  language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
  tenant   text := current_setting('app.tenant_id');
  moment   timestamptz;
  began    timestamptz;
  wanted   text[] := array(
    select distinct cut->>'memberId' from jsonb_array_elements(calls) call, jsonb_array_elements(call) cut);
  known    text[];
  fresh    text[];
  used     integer;
  managed  integer := 0;
  one      jsonb;
  taken    jsonb := '[]';
begin
  perform pg_advisory_xact_lock(hashtextextended('brake ' || tenant || ' ' || connection, 0));
  moment := clock_timestamp();
  began := moment - make_interval(mins => minutes);
  select count(*), coalesce(array_agg(member_id) filter (where member_id = any (wanted)), '{}') into used, known
    from (select distinct member_id from scim_cuts where service_user_id = connection and at > began) c;

  -- The people that the connection manages: those with access, and those who were cut in the window and have
  -- none now. No more are counted than could matter: for three at most none, because three always may.
  if used + cardinality(wanted) > 3 then
    select count(*) into managed from (
      select from members m where m.service_user_id = connection and m.active
      limit ceil(least(people, used + cardinality(wanted)) / share) + 1) enough;
    if floor(share * managed) < least(people, used + cardinality(wanted)) then
      managed := managed + (
        select count(*) from (
          select distinct member_id from scim_cuts where service_user_id = connection and at > began) c
        where not exists (
          select from members m where m.id = c.member_id and m.service_user_id = connection and m.active));
    end if;
  end if;
  allowed := least(people, greatest(3, floor(share * managed)));

  for one in select value from jsonb_array_elements(calls) loop
    fresh := array(
      select distinct cut->>'memberId' from jsonb_array_elements(one) cut
      where not cut->>'memberId' = any (known));
    passed := used + cardinality(fresh) <= allowed or cardinality(fresh) = 0;
    counted := used;
    if passed then
      used := used + cardinality(fresh);
      known := known || fresh;
      taken := taken || one;
    end if;
    return next;
  end loop;

  insert into scim_cuts (tenant_id, service_user_id, member_id, kind, at)
  select tenant, connection, cut->>'memberId', cut->>'kind', moment from jsonb_array_elements(taken) cut;
end $$;

-- A shadow workspace is known by its id, so that nobody has to ask; and its slug is one that no URL can be.
alter table tenants drop constraint tenants_slug_check;
alter table tenants
  add constraint tenants_slug_check
    check (case when shadow_of is null then slug ~ '^[a-z0-9][a-z0-9-]{0,62}$' else slug = '~' || id end),
  add constraint tenants_shadow_check check ((shadow_of is not null) = (id like 'wsp\_shadow\_%'));

-- The run-time role may make and drop shadows of its own workspace, and no other workspaces.
create function make_shadow(shadow text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into public.tenants (id, slug, name, shadow_of)
  select shadow, '~' || shadow, name, id from public.tenants
  where id = current_setting('app.tenant_id') and shadow_of is null;
  if not found then raise exception 'Only a workspace can have a shadow.'; end if;
end $$;
create function drop_shadow(shadow text) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from public.tenants where id = shadow and shadow_of = current_setting('app.tenant_id')
$$;
revoke all on function make_shadow(text), drop_shadow(text) from public;
grant execute on function make_shadow(text), drop_shadow(text) to keydesk_app;

-- What a row of a shadow was before the connection touched it: with it, what others did in the workspace
-- meanwhile is told from what the connection did.
alter table shadow_base add column was jsonb;

-- Its one statement goes by the key, also when its plan was made while there was nothing yet.
create function keep_shadow_base() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  update shadow_base set was = to_jsonb(old) - 'rendered'
  where kind = tg_argv[0] and id = old.id and was is null;
  return null;
end $$;
create trigger members_in_shadow after update on members for each row
  when (old.tenant_id like 'wsp\_shadow\_%') execute function keep_shadow_base('member');
create trigger roles_in_shadow after update on roles for each row
  when (old.tenant_id like 'wsp\_shadow\_%') execute function keep_shadow_base('role');

-- Who held what when a shadow began.
create table shadow_grants (
  tenant_id   text not null references tenants on delete cascade,
  member_id   text not null,
  role_id     text not null,
  source      text not null,
  effective   boolean not null,
  created_at  timestamptz not null,
  primary key (tenant_id, member_id, role_id, source)
);
select isolate_tenant('shadow_grants');

-- Copies the rows of a table that `which` names by their ids into a shadow. Row security lets a transaction
-- see one workspace at a time, so the rows are held while it goes over. `changed` is what a copy has otherwise.
create function copy_into_shadow(shadow text, source regclass, key text, which text[], changed jsonb)
  returns void language plpgsql as $$
declare
  home  text := current_setting('app.tenant_id');
  held  jsonb;
begin
  if shadow not like 'wsp\_shadow\_%' then raise exception '% is no shadow.', shadow; end if;
  execute format('select coalesce(jsonb_agg(to_jsonb(t)), ''[]'') from %s t where %I = any ($1)', source, key)
    into held using which;
  perform set_config('app.tenant_id', shadow, true);
  execute format(
    'insert into %s select n.* from jsonb_array_elements($1) line,
       jsonb_populate_record(null::%s, line || $2) n', source, source)
    using held, changed || jsonb_build_object('tenant_id', shadow);
  perform set_config('app.tenant_id', home, true);
end $$;
