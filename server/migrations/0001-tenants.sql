-- A tenant is what people call a workspace. The table itself is readable by everyone,
-- because a name in a URL has to be found before anybody is known; it holds nothing else.

create table tenants (
  id          text primary key check (id like 'wsp\_%'),
  slug        text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name        text not null check (length(name) between 1 and 100),
  created_at  timestamptz not null default now()
);

grant select on tenants to keydesk_app;

-- Gives a table its one policy: rows of the tenant that the transaction named, and no others.
-- Without a named tenant the setting is null or empty and no row matches.
create function isolate_tenant(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy tenant_isolation on %s
       using (tenant_id = current_setting(''app.tenant_id'', true))
       with check (tenant_id = current_setting(''app.tenant_id'', true))', target);
  execute format('grant select, insert, update, delete on %s to keydesk_app', target);
end $$;

-- One row: which installation this database belongs to, and whether the secret key at hand is its key.
create table instance (
  only_row   boolean primary key default true check (only_row),
  id         text not null,
  key_check  bytea not null
);
grant select, insert on instance to keydesk_app;

-- Each tenant's data key, wrapped by the installation's key. Secrets are sealed with the data key.
create table tenant_keys (
  tenant_id   text primary key references tenants on delete cascade,
  wrapped     bytea not null,
  created_at  timestamptz not null default now()
);
select isolate_tenant('tenant_keys');
