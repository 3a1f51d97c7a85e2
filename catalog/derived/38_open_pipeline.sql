-- Enquiries and quotes, from leads and from bookings with status `inquiry`; open = young enough to be won yet.
select entity, lead_id as id, step, value, step in ('enquiry', 'quote') and created_on between $as_of - cast($lead_value_days as int) and $as_of as open
from leads where step <> 'visit'
union all
select entity, booking_id, 'enquiry', gross, status = 'inquiry' and booked_on between $as_of - cast($lead_value_days as int) and $as_of
  and service_from > $as_of
from bookings
