-- How far the ledger reaches: first and last day with a cash line, per entity, and of all (g = 1). `stale`: it ends before the
-- last complete month began, so what it shows of the last months is nothing, not zero.
select s.entity, s.g, s.first_on, s.last_on, cast(date_trunc('month', s.first_on) as date) as first_month,
  cast(date_trunc('month', s.last_on) as date) as last_month, s.last_on < l.month as stale
from (
  select entity, grouping(entity) as g, min(posted_on) as first_on, max(posted_on) as last_on
  from ledger where cash group by grouping sets ((entity), ())
) s
cross join (select max(month) as month from months where complete) l
where s.first_on is not null and (s.g = 1 or s.entity is not null)
