select
  business as entity,
  id as lead_id,
  day(concat(arrival_date_day_of_month, ' ', arrival_date_month, ' ', arrival_date_year)) - cast(whole(lead_time) as int) as created_on,
  distribution_channel as channel,
  'enquiry' as step,
  money(adr) * (whole(stays_in_weekend_nights) + whole(stays_in_week_nights)) as value
from raw.hotel_bookings
where reservation_status = 'Inquiry'
