-- Calls that the brake held back are a kind of their own in the log.
alter table scim_calls add column held boolean not null default false;
