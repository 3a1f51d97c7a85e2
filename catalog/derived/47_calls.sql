-- Grow, fix, hold or exit, by the last three complete months: exit when a sale costs more than it brings, fix when contribution
-- does not carry the fixed cost, hold when it does on less revenue than a year before, grow otherwise. Means are over the months of
-- which both revenue and cost are known (`months`); with fewer than two the call is `unknown`, and `gap` says what is not known.
select entity, kind, months, revenue, revenue_before, contribution, fixed, contribution - fixed as result, units,
  case when months < 2 then 'unknown' when revenue = 0 and fixed = 0 then 'hold' when contribution <= 0 then 'exit'
    when contribution < fixed then 'fix' when revenue_before is null or revenue >= revenue_before then 'grow' else 'hold' end as call,
  case when months >= 2 then null
    when unpriced = n and units_all = 0 then 'no sale of it is on record'
    when unpriced > 0 then concat('revenue is known of ', n_revenue, ' of ', n, ' months: sales have no price')
    when n_fixed < 2 then concat('the ledger covers ', n_fixed, ' of the last 3 months, and two are needed')
    else concat('revenue and cost are both known of ', months, ' of ', n, ' months') end as gap
from (
  select r.entity, e.kind, count(*) filter (where r.ago <= 3 and r.contribution - r.fixed is not null) as months,
    count(*) filter (where r.ago <= 3) as n, count(r.revenue) filter (where r.ago <= 3) as n_revenue,
    count(r.fixed) filter (where r.ago <= 3) as n_fixed,
    count(*) filter (where r.ago <= 3 and r.revenue is null) as unpriced,
    avg(r.revenue) filter (where r.ago <= 3 and r.contribution - r.fixed is not null) as revenue,
    case when count(r.revenue) filter (where r.ago between 13 and 15) = 3 then avg(r.revenue) filter (where r.ago between 13
      and 15) end as revenue_before,
    avg(r.contribution) filter (where r.ago <= 3 and r.contribution - r.fixed is not null) as contribution,
    avg(r.fixed) filter (where r.ago <= 3 and r.contribution - r.fixed is not null) as fixed,
    sum(r.units) as units_all,
    sum(r.units) filter (where r.ago <= 3 and r.contribution - r.fixed is not null) as units
  from result_month r join entities e on e.id = r.entity
  where r.complete
  group by r.entity, e.kind
)
