-- QueenofSanDiego's charters and concerts: the META items of the shared event table. Since August 2026 they have no money.
select
  'qos' as entity,
  replace("PK", 'EVENT#', '') as booking_id,
  day(created) as booked_on,
  day(starts_at) as service_from,
  day(starts_at) as service_to,
  case state
    when 'CANCELLED' then 'cancelled'
    when 'SAILED' then 'completed'
    when 'PLANNED' then 'booked'
  end as status,
  source as channel,
  json_get(client, 'name') as customer,
  whole(guests) as guests,
  money(json_get(money, 'gross')) as gross,
  money(json_get(money, 'commission')) as commission,
  money(json_get(money, 'crew')) + money(json_get(money, 'captain')) + money(json_get(money, 'port')) as direct_cost,
  money(json_get(money, 'gross')) - money(json_get(money, 'commission'))
    - money(json_get(money, 'crew')) - money(json_get(money, 'captain')) - money(json_get(money, 'port')) as net,
  money(hours) as hours
from raw.scc_events
where "SK" = 'META' and brand = 'QOS'
