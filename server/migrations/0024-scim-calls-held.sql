-- Calls that the brake held back are a kind of their own in the log. A refusal at the door has a reason
-- that its client is not told: that the token had expired, say.
alter table scim_calls
  add column held boolean not null default false,
  add column reason text;
