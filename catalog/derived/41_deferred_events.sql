-- Advance payments as a liability, event by event and to the cent. A payment before the service is deferred; it becomes revenue
-- on the day of the service, and for a stay night by night (booked per month, the last month takes the remainder). What a
-- customer who cancelled does not get back is forfeited on the day of the service; refundable money stays owed, and so does money of
-- which nobody wrote whether it is.
-- event: received; refunded, recognised and forfeited are negative.
with advance as (
  select b.entity, b.booking_id, b.status, b.service_from, coalesce(b.deposit_refundable, true) as refundable,
    greatest(coalesce(cast(b.service_to - interval '1 day' as date), b.service_from), b.service_from) as last_day,
    p.paid_on, p.amount
  from payments p
  join bookings b on b.booking_id = p.booking_id and b.entity = p.entity
  where (p.paid_on < b.service_from or b.status in ('cancelled', 'no_show')) and p.paid_on <= $as_of and p.amount <> 0
),
booking as (
  select entity, booking_id, status, service_from, last_day, refundable, cast(sum(amount) as decimal(38, 4)) as amount
  from advance
  group by entity, booking_id, status, service_from, last_day, refundable
),
earned as (
  select entity, booking_id, on_date,
    cast(round(amount * (on_date - service_from + 1) / (last_day - service_from + 1), 2) as decimal(38, 4)) as so_far
  from (
    select entity, booking_id, amount, service_from, last_day,
      least(cast(month + interval '1 month' - interval '1 day' as date), last_day, $as_of) as on_date
    from (
      select entity, booking_id, amount, service_from, last_day,
        cast(unnest(generate_series(cast(date_trunc('month', service_from) as date),
          cast(date_trunc('month', least(last_day, $as_of)) as date), interval '1 month')) as date) as month
      from booking
      where status = 'completed' and service_from <= $as_of
    )
  )
)
select entity, booking_id, paid_on as on_date, case when amount > 0 then 'received' else 'refunded' end as event, amount
from advance
union all
select entity, booking_id, on_date, 'recognised',
  coalesce(lag(so_far) over (partition by entity, booking_id order by on_date), 0) - so_far
from earned
union all
select entity, booking_id, service_from, 'forfeited', -amount
from booking
where status in ('cancelled', 'no_show') and not refundable and service_from <= $as_of and amount <> 0
