-- A platform's payout at check-in, with the tax that it passes on; deposits of direct guests when they book,
-- and back when they cancel.
select
  'rental' as entity,
  id || '-payout' as payment_id,
  day(paid_at) as paid_on,
  money(gross) + coalesce(money(cleaning_fee), 0) + coalesce(money(tax), 0) - coalesce(money(fee), 0) - coalesce(money(deposit), 0) as amount,
  'payout' as kind,
  lower(platform) as method,
  id as booking_id,
  guest as customer
from raw.rental_reservations
where paid_at is not null
union all
select 'rental', id || '-deposit', day(booked), money(deposit), 'deposit', 'card', id, guest
from raw.rental_reservations
where deposit is not null
union all
select 'rental', id || '-refund', day(refunded_at), -money(deposit), 'refund', 'card', id, guest
from raw.rental_reservations
where refunded_at is not null
