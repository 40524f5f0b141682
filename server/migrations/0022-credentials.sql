-- More ways for a program to sign in: tokens that take over from one another, user name and password,
-- and OAuth 2 clients with what they were granted.

-- A program that gets short-lived tokens of a SCIM connection (RFC 6749).
create table oauth_clients (
  tenant_id        text not null references tenants on delete cascade,
  id               text not null check (id like 'oac\_%'),
  service_user_id  text not null,
  -- Null for a client that can keep no secret: it proves itself by PKCE.
  mac              bytea,
  hint             text,
  -- Compared to the letter.
  redirect_uris    text[] not null default '{}',
  last_used_at     timestamptz,
  created_at       timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, service_user_id) references service_users on delete cascade
);
select isolate_tenant('oauth_clients');
create index oauth_clients_service_user on oauth_clients (tenant_id, service_user_id);

-- What a member allowed a client: one row from the code to the last token that came of it.
create table oauth_grants (
  tenant_id        text not null references tenants on delete cascade,
  id               text not null check (id like 'oag\_%'),
  oauth_client_id  text not null,
  -- Who allowed it; null once that member was removed for good.
  member_id        text,
  code_mac         bytea not null,
  redirect_uri     text not null,
  code_challenge   text,
  code_expires_at  timestamptz not null,
  code_used_at     timestamptz,
  ended_at         timestamptz,
  ended_because    text,
  created_at       timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, oauth_client_id) references oauth_clients on delete cascade,
  foreign key (tenant_id, member_id) references members on delete set null (member_id)
);
select isolate_tenant('oauth_grants');
create index oauth_grants_client on oauth_grants (tenant_id, oauth_client_id, created_at);

-- Each is used once; one that comes again was stolen, from us or from the client.
create table oauth_refresh_tokens (
  tenant_id       text not null references tenants on delete cascade,
  id              text not null check (id like 'oar\_%'),
  oauth_grant_id  text not null,
  mac             bytea not null,
  expires_at      timestamptz not null,
  used_at         timestamptz,
  created_at      timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, oauth_grant_id) references oauth_grants on delete cascade
);
select isolate_tenant('oauth_refresh_tokens');
create index oauth_refresh_tokens_grant on oauth_refresh_tokens (tenant_id, oauth_grant_id);

alter table tokens
  -- As what it comes in: a bearer token, the password of a Basic user name, or an access token of OAuth.
  add column use text not null default 'bearer' check (use in ('bearer', 'basic', 'oauth')),
  -- The token that ends when this one is used for the first time.
  add column replaces_id text,
  -- Of how many days before its end the owners were told last.
  add column warned_days integer,
  add column oauth_client_id text,
  add column oauth_grant_id text,
  add foreign key (tenant_id, oauth_client_id) references oauth_clients on delete cascade,
  add foreign key (tenant_id, oauth_grant_id) references oauth_grants on delete cascade,
  add check ((use = 'oauth') = (oauth_client_id is not null));
create index tokens_service_user on tokens (tenant_id, service_user_id);
create index tokens_oauth_client on tokens (tenant_id, oauth_client_id) where oauth_client_id is not null;

-- How many calls a connection made in each second, so that all processes together keep its limit.
-- Not logged: after a crash there is nothing to remember.
create unlogged table scim_rates (
  tenant_id        text not null references tenants on delete cascade,
  service_user_id  text not null,
  second           timestamptz not null,
  calls            integer not null,
  primary key (tenant_id, service_user_id, second),
  foreign key (tenant_id, service_user_id) references service_users on delete cascade
);
select isolate_tenant('scim_rates');
