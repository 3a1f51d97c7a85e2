-- What contracts say should have been invoiced per customer and month, and what was. A recurring contract bills every month it
-- touches; paused and draft ones bill nothing. An invoice of a contract that does not recur fills nobody's gap, and is left out.
select coalesce(c.entity, i.entity) as entity, coalesce(c.customer, i.customer) as customer, coalesce(c.month, i.month) as month,
  coalesce(c.contracted, 0) as contracted, coalesce(i.invoiced, 0) as invoiced, coalesce(i.paid, 0) as paid
from (
  select c.entity, c.customer, m.month, sum(c.monthly) as contracted
  from contracts c
  join months m on m.month >= cast(date_trunc('month', c.starts_on) as date) and (c.ends_on is null or m.month <= c.ends_on)
  where c.status in ('active', 'ended') and c.monthly > 0 and m.back <= 11
  group by c.entity, c.customer, m.month
) c
full join (
  select v.entity, v.customer, v.month, sum(v.amount - coalesce(v.credit, 0)) as invoiced, sum(coalesce(v.paid, 0)) as paid
  from (
    -- Without a date of issue the date it is due, or was paid, says which month it is of.
    select i.*, cast(date_trunc('month', coalesce(i.issued_on, i.due_on, i.paid_on, $as_of)) as date) as month
    from invoices i
    where coalesce(i.status, 'open') not in ('draft', 'void') and (i.issued_on is null or i.issued_on <= $as_of)
      and not exists (select 1 from contracts k
        where k.entity = i.entity and k.contract_id = i.contract_id and coalesce(k.monthly, 0) <= 0)
  ) v
  join entities e on e.id = v.entity and e.kind = 'agency'
  where v.month in (select month from months where back <= 11)
  group by v.entity, v.customer, v.month
) i on i.entity = c.entity and i.customer = c.customer and i.month = c.month
