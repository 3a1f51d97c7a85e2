-- Deliveries that an owner accepted.
select
  'eyd' as entity,
  id as booking_id,
  day(accepted) as booked_on,
  coalesce(day("left"), day(accepted)) as service_from,
  day(delivered) as service_to,
  case status when 'delivered' then 'completed' else 'booked' end as status,
  'direct' as channel,
  owner as customer,
  money(price) as gross,
  money(crew_cost) as direct_cost,
  money(price) - money(crew_cost) as net,
  money(sea_hours) as hours
from raw.eyd_jobs
where status in ('accepted', 'delivered')
