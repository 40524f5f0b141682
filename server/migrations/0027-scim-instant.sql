-- Reads a dateTime of SCIM (RFC 7643 §2.3.5) as the kernel does: in UTC when it has no zone, by milliseconds,
-- and with 31 February as 3 March. What is none is null: nothing here can fail, whatever text it meets.
create function scim_instant(told text) returns timestamptz
  language sql immutable parallel safe as $$
  select case when told ~ ('^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])'
      || '(T(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?)?$')
    then (
      -- There is no year 0 here: it is the one before 1.
      make_date(coalesce(nullif(substr(told, 1, 4)::int, 0), -1), substr(told, 6, 2)::int, 1)::timestamp
      + make_interval(
          days => substr(told, 9, 2)::int - 1,
          hours => coalesce(nullif(substr(told, 12, 2), '')::int, 0),
          mins => coalesce(nullif(substr(told, 15, 2), '')::int, 0)
            - case when length(told) > 19 and left(right(told, 6), 1) in ('+', '-') then
                left(right(told, 6), 3)::int * 60 + (left(right(told, 6), 1) || right(told, 2))::int else 0 end,
          secs => case when substr(told, 20, 1) = '.' then substring(told from '^.{17}(\d\d\.\d{1,3})')
            else coalesce(nullif(substr(told, 18, 2), ''), '0') end::float8)
    ) at time zone 'utc' end
$$;
