-- What ends when a member is locked out is found among what is open, however much there was before.
create index action_runs_unsent on action_runs (tenant_id) where state in ('waiting', 'approved');
