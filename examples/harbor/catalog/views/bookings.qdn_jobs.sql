-- QuickDumpNow's jobs that a customer agreed to. What was only quoted is in `work` and `leads`.
select
  'qdn' as entity,
  id as booking_id,
  day(quoted_at) as booked_on,
  day(service_date) as service_from,
  day(service_date) as service_to,
  case lower(status) when 'done' then 'completed' when 'scheduled' then 'booked' when 'cancelled' then 'cancelled' end as status,
  'direct' as channel,
  customer,
  coalesce(money(final_price), money(quote)) as gross,
  money(dump_fee) + money(fuel) as direct_cost,
  money(final_price) - money(dump_fee) - money(fuel) as net,
  money(hours) as hours
from raw.qdn_jobs
where lower(status) in ('done', 'scheduled', 'cancelled')
