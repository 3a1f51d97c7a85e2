-- Lines of the cost estimate, on nights without a bill: where there are both, the bill is what counts.
select e.service, e.kind, e.region, nullif(trim(e.entity), '') as entity, e.item, e.basis, money(e.quantity) as quantity,
  money(e.monthly_amount) as amount, e.note
from cost_estimate e
cross join (select count(*) as n from cost_daily) billed
where billed.n = 0
