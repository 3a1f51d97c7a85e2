-- Each charter lists its payments, since March 2025; older ones have only a deposit.
select
  'jada' as entity,
  id || '-' || json_get(payment, 'kind') as payment_id,
  day(json_get(payment, 'at')) as paid_on,
  money(json_get(payment, 'amount')) as amount,
  json_get(payment, 'kind') as kind,
  json_get(payment, 'method') as method,
  id as booking_id,
  customer
from (select id, customer, unnest(json_list(payments)) as payment from raw.jada_calendar where payments is not null)
union all
select 'jada', id || '-deposit', day(booked_at), money(deposit), 'deposit', 'card', id, customer
from raw.jada_calendar
where payments is null and deposit is not null
