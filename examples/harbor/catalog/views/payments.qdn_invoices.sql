select
  'qdn' as entity,
  id || '-paid' as payment_id,
  day(paid_at) as paid_on,
  money(paid) as amount,
  'full' as kind,
  job as booking_id,
  id as invoice_id,
  customer
from raw.qdn_invoices
where paid is not null
