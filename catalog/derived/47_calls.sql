-- Grow, fix, hold or exit, by the last three complete months: exit when a sale costs more than it brings, fix when contribution
-- does not carry the fixed cost, hold when it does on less revenue than a year before, grow otherwise. Needs three months of history.
select entity, kind, months, revenue, revenue_before, contribution, fixed, contribution - fixed as result, units,
  case when revenue = 0 and fixed = 0 then 'hold' when contribution <= 0 then 'exit' when contribution < fixed then 'fix'
    when revenue_before is null or revenue >= revenue_before then 'grow' else 'hold' end as call
from (
  select r.entity, e.kind, count(*) filter (where r.ago <= 3) as months,
    sum(r.revenue) filter (where r.ago <= 3) / 3 as revenue,
    case when count(*) filter (where r.ago between 13 and 15) = 3 then sum(r.revenue) filter (where r.ago between 13
      and 15) / 3 end as revenue_before,
    sum(r.contribution) filter (where r.ago <= 3) / 3 as contribution,
    sum(r.fixed) filter (where r.ago <= 3) / 3 as fixed,
    sum(r.units) filter (where r.ago <= 3) as units
  from result_month r join entities e on e.id = r.entity
  where r.complete
  group by r.entity, e.kind
)
where months >= 3
