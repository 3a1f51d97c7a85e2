-- As tests/fixtures/hotel has it, and a customer, a commission and a cost beside, so that there is something in every column that a KPI of
-- bookings reads. duckdb/ has the same for DuckDB.
select
  business as entity,
  id as booking_id,
  arrival - cast(lead_days as int) as booked_on,
  arrival as service_from,
  arrival + cast(nights as int) as service_to,
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
    day(concat(arrival_date_day_of_month, ' ', arrival_date_month, ' ', arrival_date_year)) as arrival,
    whole(lead_time) as lead_days,
    whole(stays_in_weekend_nights) + whole(stays_in_week_nights) as nights,
    whole(adults) + coalesce(whole(nullif(children, 'NA')), 0) + coalesce(whole(babies), 0) as guests,
    money(adr) as rate
  from raw.hotel_bookings
  where reservation_status <> 'Inquiry'
)
