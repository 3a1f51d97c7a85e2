-- Stays at 3028 51st St. Gross is room revenue and cleaning fee; occupancy tax is the city's and not revenue.
select
  'rental' as entity,
  id as booking_id,
  day(booked) as booked_on,
  day(arrive) as service_from,
  day(depart) as service_to,
  whole(nights) as nights,
  case
    when lower(status) like 'cancel%' then 'cancelled'
    when lower(status) in ('checked_out', 'checked out', 'completed') then 'completed'
    when lower(status) in ('confirmed', 'checked_in') then 'booked'
  end as status,
  case lower(platform) when 'airbnb' then 'Airbnb' when 'vrbo' then 'Vrbo' else lower(platform) end as channel,
  guest as customer,
  whole(adults) as guests,
  money(gross) + coalesce(money(cleaning_fee), 0) as gross,
  money(fee) as commission,
  money(cleaning_cost) as direct_cost,
  money(gross) + coalesce(money(cleaning_fee), 0) - coalesce(money(fee), 0) - money(cleaning_cost) as net,
  money(deposit) as deposit,
  flag(deposit_refundable) as deposit_refundable
from raw.rental_reservations
