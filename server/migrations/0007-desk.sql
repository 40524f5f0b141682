-- Services, requests and what is said in them. Requests are numbered per tenant, because people
-- say "number twelve" out loud.

create table services (
  tenant_id    text not null references tenants on delete cascade,
  id           text not null check (id like 'ser\_%'),
  key          text not null,
  name         text not null,
  description  text not null,
  icon         text not null,
  fields       jsonb not null default '[]',
  action_id    text,
  position     integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, key)
);
select isolate_tenant('services');

create table request_counters (
  tenant_id  text primary key references tenants on delete cascade,
  last       integer not null default 0
);
select isolate_tenant('request_counters');

create table requests (
  tenant_id     text not null references tenants on delete cascade,
  id            text not null check (id like 'req\_%'),
  number        integer not null,
  service_id    text not null,
  title         text not null check (length(title) between 1 and 200),
  status        text not null default 'open' check (status in ('open', 'waiting', 'closed')),
  requester_id  text not null,
  assignee_id   text,
  answers       jsonb not null default '[]',
  closed_at     timestamptz,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, number),
  foreign key (tenant_id, service_id) references services,
  foreign key (tenant_id, requester_id) references people,
  foreign key (tenant_id, assignee_id) references members on delete set null (assignee_id),
  check ((status = 'closed') = (closed_at is not null))
);
select isolate_tenant('requests');
-- An agent's queue: the list every page load reads.
create index requests_queue on requests (tenant_id, assignee_id, number) where status <> 'closed';
create index requests_requester on requests (tenant_id, requester_id, number);

create table request_messages (
  tenant_id    text not null references tenants on delete cascade,
  id           text not null check (id like 'msg\_%'),
  request_id   text not null,
  author       jsonb not null,
  body         text not null,
  internal     boolean not null default false,
  created_at   timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, request_id) references requests on delete cascade
);
select isolate_tenant('request_messages');
create index request_messages_request on request_messages (tenant_id, request_id, created_at);
