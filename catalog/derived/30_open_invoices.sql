-- Invoices with money open at $as_of; an overpayment stands as a negative amount. Age is by due date. One without a status is open, one
-- without a date of issue is issued: money that is owed does not vanish because a field is blank.
select entity, invoice_id, customer, issued_on, due_on, open,
  greatest($as_of - due_on, 0) as days_overdue,
  case
    when due_on is null then 'no due date'
    when due_on >= $as_of then 'current'
    when $as_of - due_on <= 30 then '1-30'
    when $as_of - due_on <= 60 then '31-60'
    when $as_of - due_on <= 90 then '61-90'
    when $as_of - due_on <= 120 then '91-120'
    else '>120'
  end as bucket
from (
  select entity, invoice_id, customer, issued_on, due_on,
    amount - coalesce(paid, case when status = 'paid' then amount - coalesce(credit, 0) end, 0) - coalesce(credit, 0) as open
  from invoices
  where coalesce(status, 'open') not in ('draft', 'void') and (issued_on is null or issued_on <= $as_of)
)
where open <> 0
