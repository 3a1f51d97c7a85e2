-- Lines of the cost estimate. There are none on a night with a bill: the collector makes no estimate then.
select e.service, e.kind, e.region, nullif(trim(e.entity), '') as entity, e.item, e.basis, money(e.quantity) as quantity,
  money(e.monthly_amount) as amount, e.note
from cost_estimate e
