-- JADA's charters. `net` in this and the other pieces = gross - discount - commission - direct cost: what is left to carry the
-- fixed cost.
select
  'jada' as entity,
  id as booking_id,
  day(booked_at) as booked_on,
  day(charter_date) as service_from,
  day(charter_date) as service_to,
  case
    when lower(status) in ('completed', 'done') then 'completed'
    when lower(status) like 'cancel%' then 'cancelled'
    when lower(status) in ('no_show', 'no-show') then 'no_show'
    when lower(status) = 'confirmed' then 'booked'
  end as status,
  case lower(source)
    when 'boatsetter' then 'Boatsetter' when 'sailo' then 'Sailo' when 'getmyboat' then 'GetMyBoat'
    when 'viator' then 'Viator' when 'getyourguide' then 'GetYourGuide' else lower(source)
  end as channel,
  customer,
  whole(guests) as guests,
  money(gross_revenue) as gross,
  coalesce(money(discount), 0) as discount,
  coalesce(money(commission), 0) as commission,
  money(crew_cost) + money(captain_cost)
    -- the port's fee is written 3, "3" or "3%"
    + round((money(gross_revenue) - coalesce(money(discount), 0)) * ratio(replace(port_fee_percent, '%', '') || '%'), 2) as direct_cost,
  money(net_revenue) as net,  -- the calendar counts it the same way, once a charter is done
  money(deposit) as deposit,
  case deposit_policy when 'refundable' then true when 'locked' then false end as deposit_refundable,
  money(duration_hours) as hours
from raw.jada_calendar
where lower(event_type) = 'charter'
