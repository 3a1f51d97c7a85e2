select
  'rental' as entity,
  id as work_id,
  'maintenance' as kind,
  'house' as asset_id,
  day(opened) as opened_on,
  day(closed) as done_on,
  status,
  money(estimate) as amount,
  money(cost) as cost,
  false as billable
from raw.rental_maintenance
