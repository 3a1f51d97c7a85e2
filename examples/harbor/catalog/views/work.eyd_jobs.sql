select
  'eyd' as entity,
  id as work_id,
  'job' as kind,
  owner as customer,
  vessel as asset_id,
  day(asked) as opened_on,
  day(quoted) as quoted_on,
  day(accepted) as won_on,
  day(delivered) as done_on,
  day(json_get(invoice, 'on')) as invoiced_on,
  case status when 'delivered' then 'done' when 'accepted' then 'open' else status end as status,
  money(sea_hours) as hours,
  money(price) as amount,
  money(crew_cost) as cost,
  true as billable
from raw.eyd_jobs
