select
  'qdn' as entity,
  id as invoice_id,
  customer,
  job as work_id,
  day(issued) as issued_on,
  day(due) as due_on,
  day(paid_at) as paid_on,
  money(total) as amount,
  coalesce(money(paid), 0) as paid,
  case lower(status) when 'paid' then 'paid' else 'open' end as status
from raw.qdn_invoices
