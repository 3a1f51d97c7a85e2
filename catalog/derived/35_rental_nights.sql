-- Nights sold per rental and calendar night, of stays that began in the last 460 days: a stay's room revenue is spread evenly over
-- its nights, so that those of a stay add up to it, whatever a third of it is; NULL where nobody wrote the price.
select entity, night, cast(date_trunc('month', night) as date) as month,
  revenue * (night - service_from + 1) / nights - revenue * (night - service_from) / nights as revenue
from (
  select entity, cast(unnest(generate_series(service_from, cast(service_to - interval '1 day' as date),
    interval '1 day')) as date) as night,
    service_from, nights, gross - coalesce(discount, 0) as revenue
  from (
    select b.entity, b.service_from, b.gross, b.discount, b.nights,
      coalesce(b.service_to, b.service_from + b.nights) as service_to
    from bookings b
    join entities e on e.id = b.entity and e.kind = 'rental'
    where b.status in ('completed', 'booked') and b.nights > 0
      and b.service_from >= $as_of - interval '460 days'
  )
)
