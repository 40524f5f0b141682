-- A connected Okta organisation, and the imports of its directory.

create table okta_connections (
  tenant_id           text not null references tenants on delete cascade,
  id                  text not null check (id like 'con\_%'),
  domain              text not null,
  origin              text not null,
  -- The organisation's own id: a reconnect to another organisation is refused.
  org_id              text,
  method              text not null check (method in ('service_app', 'api_token')),
  state               text not null default 'draft' check (state in ('draft', 'connected', 'broken')),
  public_jwk          jsonb,
  private_key_sealed  bytea,
  client_id           text,
  token_sealed        bytea,
  token_hint          text,
  checks              jsonb not null default '[]',
  checked_at          timestamptz,
  removed_at          timestamptz,
  created_at          timestamptz not null default now(),
  primary key (tenant_id, id)
);
select isolate_tenant('okta_connections');
create unique index okta_connections_domain on okta_connections (tenant_id, origin) where removed_at is null;

create table okta_imports (
  tenant_id      text not null references tenants on delete cascade,
  id             text not null check (id like 'imp\_%'),
  connection_id  text not null,
  state          text not null default 'running' check (state in ('running', 'complete', 'failed')),
  phase          text not null default 'users',
  -- Where the phase stands: the next link of a listing, and for nested listings the parent's place.
  cursor         jsonb,
  done           integer not null default 0,
  total          integer,
  counts         jsonb not null default '{}',
  -- Which attempt may write: a worker that lost its place finds its number outdated.
  attempt        integer not null default 0,
  phase_began_at timestamptz not null default now(),
  failure        jsonb,
  started_at     timestamptz not null default now(),
  ended_at       timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, connection_id) references okta_connections on delete cascade
);
select isolate_tenant('okta_imports');
-- One import of a connection at a time.
create unique index okta_imports_running on okta_imports (tenant_id, connection_id) where state = 'running';
create index okta_imports_latest on okta_imports (tenant_id, connection_id, started_at);
