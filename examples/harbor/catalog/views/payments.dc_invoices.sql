select
  'dc' as entity,
  id || '-paid' as payment_id,
  day(paid_on) as paid_on,
  money(paid_amount) as amount,
  'full' as kind,
  id as invoice_id,
  initcap(replace(replace(client, 'client-', ''), '-', ' ')) as customer
from raw.dc_invoices
where paid_amount is not null
