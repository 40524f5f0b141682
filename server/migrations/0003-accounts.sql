-- Who may come in: members with roles, programs with tokens, and the sessions of people.

create table roles (
  tenant_id    text not null references tenants on delete cascade,
  id           text not null check (id like 'rol\_%'),
  name         text not null check (length(name) between 1 and 80),
  name_key     text not null,
  description  text not null default '',
  permissions  text[] not null,
  -- 'owner', 'admin', 'agent' and 'auditor' come with the workspace and cannot be changed.
  system_key   text check (system_key in ('owner', 'admin', 'agent', 'auditor')),
  external_id  text,
  version      integer not null default 1,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name_key),
  unique (tenant_id, system_key)
);
select isolate_tenant('roles');

create table service_users (
  tenant_id        text not null references tenants on delete cascade,
  id               text not null check (id like 'svc\_%'),
  name             text not null check (length(name) between 1 and 80),
  kind             text not null check (kind in ('api', 'scim')),
  permissions      text[] not null default '{}',
  default_role_id  text,
  created_at       timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, default_role_id) references roles on delete set null (default_role_id),
  -- A SCIM service user can do SCIM and nothing else.
  check (kind = 'api' or permissions = '{}')
);
select isolate_tenant('service_users');

create table members (
  tenant_id        text not null references tenants on delete cascade,
  id               text not null check (id like 'mem\_%'),
  -- As the identity provider writes it; the key is what it is compared by.
  user_name        text not null check (length(user_name) between 1 and 254),
  user_name_key    text not null,
  email            text not null,
  email_key        text not null,
  display_name     text not null,
  title            text,
  active           boolean not null default true,
  source           text not null check (source in ('invited', 'scim')),
  service_user_id  text,
  external_id      text,
  -- What SCIM sent, as the kernel keeps it: everything that has no column of its own.
  scim             jsonb not null default '{}',
  version          integer not null default 1,
  password_hash    text,
  last_seen_at     timestamptz,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, user_name_key),
  foreign key (tenant_id, service_user_id) references service_users on delete set null (service_user_id)
);
select isolate_tenant('members');
create index members_email on members (tenant_id, email_key);
create index members_external on members (tenant_id, external_id);
create index members_order on members (tenant_id, created_at, id);

-- A role is held for a reason: given by hand, by a pushed group, or as a connection's default.
create table member_roles (
  tenant_id   text not null references tenants on delete cascade,
  member_id   text not null,
  role_id     text not null,
  source      text not null check (source in ('manual', 'scim_group', 'scim_default')),
  created_at  timestamptz not null default now(),
  primary key (tenant_id, member_id, role_id, source),
  foreign key (tenant_id, member_id) references members on delete cascade,
  foreign key (tenant_id, role_id) references roles on delete cascade
);
select isolate_tenant('member_roles');
create index member_roles_role on member_roles (tenant_id, role_id, source);

create table tokens (
  tenant_id        text not null references tenants on delete cascade,
  id               text not null check (id like 'tok\_%'),
  service_user_id  text not null,
  mac              bytea not null,
  hint             text not null,
  expires_at       timestamptz,
  last_used_at     timestamptz,
  revoked_at       timestamptz,
  created_at       timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, service_user_id) references service_users on delete cascade
);
select isolate_tenant('tokens');

create table sign_in_links (
  tenant_id   text not null references tenants on delete cascade,
  id          text not null check (id like 'lnk\_%'),
  mac         bytea not null,
  email       text not null,
  member_id   text,
  person_id   text,
  expires_at  timestamptz not null,
  used_at     timestamptz,
  created_at  timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, member_id) references members on delete cascade
);
select isolate_tenant('sign_in_links');
create index sign_in_links_email on sign_in_links (tenant_id, lower(email), created_at);

create table sessions (
  tenant_id     text not null references tenants on delete cascade,
  id            text not null check (id like 'ses\_%'),
  mac           bytea not null,
  email         text not null,
  display_name  text not null,
  member_id     text,
  person_id     text,
  seen_at       timestamptz not null default now(),
  expires_at    timestamptz not null,
  created_at    timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, member_id) references members on delete cascade,
  check (member_id is not null or person_id is not null)
);
select isolate_tenant('sessions');
create index sessions_member on sessions (tenant_id, member_id);

-- Tries to sign in with a password, so that guessing ends after a few. A success forgets them.
create table password_tries (
  tenant_id  text not null references tenants on delete cascade,
  id         text not null check (id like 'try\_%'),
  email_key  text not null,
  at         timestamptz not null default now(),
  primary key (tenant_id, id)
);
select isolate_tenant('password_tries');
create index password_tries_email on password_tries (tenant_id, email_key, at);

-- A POST with an Idempotency-Key happens once: the key is taken in the transaction of the act.
create table idempotency_keys (
  tenant_id   text not null references tenants on delete cascade,
  actor_id    text not null,
  key         text not null,
  fingerprint bytea not null,
  status      integer,
  -- Sealed: an answer may hold a token that is shown once.
  answer      bytea,
  created_at  timestamptz not null default now(),
  primary key (tenant_id, actor_id, key)
);
select isolate_tenant('idempotency_keys');
create index idempotency_keys_age on idempotency_keys (created_at);
