-- SCIM connections: their settings, the log of their calls, what the brake holds, and shadow copies.

-- A shadow workspace is the copy that a connection in shadow mode works on. No address leads to it.
alter table tenants add column shadow_of text references tenants on delete cascade;
create index tenants_shadow_of on tenants (shadow_of) where shadow_of is not null;

-- Okta's groups have names of up to 255 characters.
alter table roles drop constraint roles_name_check;
alter table roles add constraint roles_name_check check (length(name) between 1 and 255);
-- The connection whose pushed group made the role; null for ours and for those that a person made.
alter table roles add column service_user_id text;
alter table roles add foreign key (tenant_id, service_user_id) references service_users on delete set null (service_user_id);

alter table service_users
  -- What an owner chose for a SCIM connection; what is absent has its default (`ScimSettings`).
  add column scim jsonb not null default '{}',
  -- While it is set, the connection reads and writes that copy and nothing else.
  add column shadow_tenant_id text references tenants on delete set null,
  add column shadow_since timestamptz,
  add column removed_at timestamptz;

alter table members
  -- An account for the day on which the identity provider is down: out of every provider's sight.
  add column break_glass boolean not null default false,
  -- The default role that the provider named for this person; null follows the connection.
  add column default_role_id text,
  -- The resource as text, as it is sent: all but id, groups and meta. Null until it is written once.
  add column rendered text,
  add foreign key (tenant_id, default_role_id) references roles on delete set null (default_role_id);

alter table member_roles
  -- Several groups can give roles of which only one is to count, by the connection's choice.
  add column effective boolean not null default true,
  drop constraint member_roles_source_check,
  add constraint member_roles_source_check check (source in ('manual', 'scim_group', 'scim_role', 'scim_default'));

-- How many members there are, as a sum of small changes: exact, and no two writers wait for each other.
create table member_tallies (
  tenant_id  text not null references tenants on delete cascade,
  change     bigint not null
);
select isolate_tenant('member_tallies');
create index member_tallies_tenant on member_tallies (tenant_id) include (change);

create function tally_members() returns trigger language plpgsql as $$
begin
  insert into member_tallies
  select tenant_id, (case tg_op when 'INSERT' then 1 else -1 end) * count(*) from changed
  where exists (select 1 from tenants where id = tenant_id)
  group by tenant_id;
  return null;
end $$;
create trigger members_added after insert on members referencing new table as changed
  for each statement execute function tally_members();
create trigger members_gone after delete on members referencing old table as changed
  for each statement execute function tally_members();
insert into member_tallies select tenant_id, count(*) from members group by tenant_id;

-- Attributes beyond the standard ones, which a workspace adds while Keydesk runs.
create table scim_schemas (
  tenant_id    text not null references tenants on delete cascade,
  id           text not null check (id like 'urn:%'),
  name         text not null,
  description  text not null default '',
  attributes   jsonb not null,
  created_at   timestamptz not null default now(),
  primary key (tenant_id, id)
);
select isolate_tenant('scim_schemas');

-- What is known of a connection from its traffic. Written with the log of calls, not by each call.
create table scim_traffic (
  tenant_id          text not null references tenants on delete cascade,
  service_user_id    text not null,
  evidence           jsonb not null default '{}',
  calls              bigint not null default 0,
  failures           bigint not null default 0,
  first_call_at      timestamptz,
  last_call_at       timestamptz,
  -- The usual time between visits: a moving median of gaps longer than a minute.
  usual_gap_seconds  real,
  primary key (tenant_id, service_user_id),
  foreign key (tenant_id, service_user_id) references service_users on delete cascade
);
select isolate_tenant('scim_traffic');

create table scim_calls (
  tenant_id        text not null references tenants on delete cascade,
  id               text not null check (id like 'cal\_%'),
  service_user_id  text,
  at               timestamptz not null,
  method           text not null,
  -- Below the workspace, with its query.
  path             text not null,
  status           integer not null,
  milliseconds     real not null,
  -- Whom and which role it was about, where that is known.
  member_id        text,
  role_id          text,
  subject          text,
  -- Redacted texts, cut at 16 KiB.
  request          text,
  answer           text,
  deviations       text[] not null default '{}',
  -- Reads beyond the first few of a second are folded into one line: how many it stands for.
  times            integer not null default 1,
  shadow           boolean not null default false,
  ip               text,
  user_agent       text,
  primary key (tenant_id, id)
);
select isolate_tenant('scim_calls');
create index scim_calls_connection on scim_calls (tenant_id, service_user_id, id);
create index scim_calls_member on scim_calls (tenant_id, member_id, id) where member_id is not null;
create index scim_calls_age on scim_calls (at);

-- What cost somebody access, by a connection: what the brake counts.
create table scim_cuts (
  tenant_id        text not null references tenants on delete cascade,
  service_user_id  text not null,
  member_id        text not null,
  kind             text not null check (kind in ('deactivation', 'deletion', 'role_loss')),
  at               timestamptz not null default now()
);
select isolate_tenant('scim_cuts');
create index scim_cuts_window on scim_cuts (tenant_id, service_user_id, at);

-- Calls that the brake held back, as they came, until an owner decides.
create table scim_holds (
  tenant_id        text not null references tenants on delete cascade,
  id               text not null check (id like 'hld\_%'),
  service_user_id  text not null,
  method           text not null,
  path             text not null,
  body             jsonb,
  -- What it would do: [{kind, memberId, member, roleId?, role?}]
  cuts             jsonb not null,
  state            text not null default 'held' check (state in ('held', 'released', 'discarded', 'superseded')),
  outcome          text,
  created_at       timestamptz not null default now(),
  decided_at       timestamptz,
  decided_by       jsonb,
  primary key (tenant_id, id),
  foreign key (tenant_id, service_user_id) references service_users on delete cascade
);
select isolate_tenant('scim_holds');
create index scim_holds_open on scim_holds (tenant_id, service_user_id, created_at) where state = 'held';

-- What a shadow copy began with, so that its differences are the connection's doing and nothing else.
create table shadow_base (
  tenant_id  text not null references tenants on delete cascade,
  kind       text not null check (kind in ('member', 'role')),
  id         text not null,
  version    integer not null,
  primary key (tenant_id, kind, id)
);
select isolate_tenant('shadow_base');
