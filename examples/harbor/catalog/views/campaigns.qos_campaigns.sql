-- Sends of the e-mail list. Opens, clicks and cost were never recorded, so they are not mapped.
select
  'qos' as entity,
  id || ' ' || subject as campaign,
  day(planned) as planned_on,
  day(sent_at) as sent_on,
  whole(list_size) as list_size,
  whole(delivered) as delivered,
  whole(promo_bookings) as bookings,
  money(promo_revenue) as revenue
from raw.qos_campaigns
