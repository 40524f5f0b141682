-- Who works on an import: until when its lease runs, and how often it was taken up without a page
-- being written since. A worker that dies stops renewing; one that always fails is not tried for ever.

alter table okta_imports
  add column lease_until timestamptz not null default now(),
  add column fruitless integer not null default 0;
