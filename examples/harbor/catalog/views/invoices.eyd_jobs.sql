-- Invoices live inside the delivery job, as a map.
select
  'eyd' as entity,
  json_get(invoice, 'no') as invoice_id,
  owner as customer,
  id as work_id,
  day(json_get(invoice, 'on')) as issued_on,
  day(json_get(invoice, 'on')) + 14 as due_on,
  day(json_get(invoice, 'paid_on')) as paid_on,
  money(json_get(invoice, 'amount')) as amount,
  coalesce(money(json_get(invoice, 'paid')), 0) as paid,
  case when json_get(invoice, 'paid') is null then 'open' else 'paid' end as status
from raw.eyd_jobs
where invoice is not null
