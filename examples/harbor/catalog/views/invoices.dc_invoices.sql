select
  'dc' as entity,
  id as invoice_id,
  initcap(replace(replace(client, 'client-', ''), '-', ' ')) as customer,
  contract as contract_id,
  day(issued) as issued_on,
  day(due) as due_on,
  day(paid_on) as paid_on,
  money(amount) as amount,
  coalesce(money(paid_amount), 0) as paid,
  coalesce(money(credit), 0) as credit,
  state as status
from raw.dc_invoices
