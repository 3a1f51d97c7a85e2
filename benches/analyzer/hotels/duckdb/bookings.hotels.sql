-- The piece of the same name in DuckDB's SQL: plain casts in place of the tolerant functions.
select
  business as entity,
  id as booking_id,
  arrival - lead_days as booked_on,
  arrival as service_from,
  arrival + nights as service_to,
  nights,
  case reservation_status
    when 'Check-Out' then 'completed'
    when 'Confirmed' then 'booked'
    when 'Canceled' then 'cancelled'
    when 'No-Show' then 'no_show'
  end as status,
  distribution_channel as channel,
  hotel as segment,
  customer,
  guests,
  rate * nights as gross,
  case when distribution_channel = 'TA/TO' then rate * nights * 0.15 else 0 end as commission,
  case when business in ('north', 'south') then rate * nights * 0.3 end as direct_cost,
  deposit_type = 'Refundable' as deposit_refundable
from (
  select
    id, business, hotel, customer, reservation_status, distribution_channel, deposit_type,
    cast(strptime(concat(arrival_date_day_of_month, ' ', arrival_date_month, ' ', arrival_date_year), '%-d %B %Y') as date) as arrival,
    cast(lead_time as int) as lead_days,
    cast(stays_in_weekend_nights as int) + cast(stays_in_week_nights as int) as nights,
    cast(adults as int) + coalesce(cast(nullif(children, 'NA') as int), 0) + coalesce(cast(babies as int), 0) as guests,
    cast(adr as decimal(18, 4)) as rate
  from raw.hotel_bookings
  where reservation_status <> 'Inquiry'
)
