-- Mean monthly fixed cost per entity over those of the last three complete months that its ledger covers (`months`). With fewer
-- than two, the mean is NULL: unknown.
select p.entity, c.months, case when c.months >= 2 then sum(p.amount) / c.months end as fixed
from pl_month p
join (
  select s.entity, count(*) as months
  from (
    select entity, min(month) as first_month, max(month) as last_month from ledger group by entity
  ) s
  join months m on m.ago <= 3 and m.month between s.first_month and s.last_month
  group by s.entity
) c on (c.entity is not distinct from p.entity)
where p.line = 'fixed' and p.month in (select month from months where ago <= 3)
group by p.entity, c.months
