-- People, groups and apps as the connected sources describe them. A row that its source no longer
-- has is marked gone and kept, because requests and the event log speak of it.

create table people (
  tenant_id          text not null references tenants on delete cascade,
  id                 text not null check (id like 'per\_%'),
  connection_id      text not null,
  okta_user_id       text not null,
  login              text not null,
  email              text,
  email_key          text,
  display_name       text not null,
  -- What lists are sorted and searched by.
  sort_key           text not null,
  search_text        text not null,
  title              text,
  department         text,
  location           text,
  employee_number    text,
  status             text not null,
  manager_id         text,
  manager_text       text,
  attributes         jsonb not null default '{}',
  provider           text not null default 'OKTA',
  status_changed_at  timestamptz,
  last_login_at      timestamptz,
  remote_updated_at  timestamptz,
  import_id          text,
  gone_at            timestamptz,
  synced_at          timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, connection_id, okta_user_id)
);
select isolate_tenant('people');
create index people_order on people (tenant_id, sort_key, id) where gone_at is null;
create index people_email on people (tenant_id, email_key);
create index people_status on people (tenant_id, status) where gone_at is null;
create index people_manager on people (tenant_id, manager_id);

create table groups (
  tenant_id      text not null references tenants on delete cascade,
  id             text not null check (id like 'grp\_%'),
  connection_id  text not null,
  okta_group_id  text not null,
  name           text not null,
  sort_key       text not null,
  description    text,
  type           text not null,
  import_id      text,
  gone_at        timestamptz,
  synced_at      timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, connection_id, okta_group_id)
);
select isolate_tenant('groups');
create index groups_order on groups (tenant_id, sort_key, id) where gone_at is null;

create table group_members (
  tenant_id  text not null references tenants on delete cascade,
  group_id   text not null,
  person_id  text not null,
  import_id  text,
  primary key (tenant_id, group_id, person_id),
  foreign key (tenant_id, group_id) references groups on delete cascade,
  foreign key (tenant_id, person_id) references people on delete cascade
);
select isolate_tenant('group_members');
create index group_members_person on group_members (tenant_id, person_id);

create table apps (
  tenant_id      text not null references tenants on delete cascade,
  id             text not null check (id like 'app\_%'),
  connection_id  text not null,
  okta_app_id    text not null,
  name           text not null,
  sort_key       text not null,
  sign_on        text not null,
  status         text not null,
  import_id      text,
  gone_at        timestamptz,
  synced_at      timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, connection_id, okta_app_id)
);
select isolate_tenant('apps');
create index apps_order on apps (tenant_id, sort_key, id) where gone_at is null;

create table app_assignments (
  tenant_id  text not null references tenants on delete cascade,
  app_id     text not null,
  person_id  text not null,
  -- Okta's words: USER for a direct assignment, GROUP for one that a group gives.
  scope      text not null,
  status     text not null,
  import_id  text,
  primary key (tenant_id, app_id, person_id),
  foreign key (tenant_id, app_id) references apps on delete cascade,
  foreign key (tenant_id, person_id) references people on delete cascade
);
select isolate_tenant('app_assignments');
create index app_assignments_person on app_assignments (tenant_id, person_id);

alter table sessions add foreign key (tenant_id, person_id) references people on delete cascade;
alter table sign_in_links add foreign key (tenant_id, person_id) references people on delete cascade;
