select
  business as entity,
  id as lead_id,
  cast(strptime(concat(arrival_date_day_of_month, ' ', arrival_date_month, ' ', arrival_date_year), '%-d %B %Y') as date)
    - cast(lead_time as int) as created_on,
  distribution_channel as channel,
  'enquiry' as step,
  cast(adr as decimal(18, 4)) * (cast(stays_in_weekend_nights as int) + cast(stays_in_week_nights as int)) as value
from raw.hotel_bookings
where reservation_status = 'Inquiry'
