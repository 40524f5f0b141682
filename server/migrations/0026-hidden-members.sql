-- Every reading by a provider asks who is hidden from it. They are few, and have to be found without looking at all.
create index members_break_glass on members (tenant_id, id) where break_glass;
