-- Profit and loss per entity, month and line, from the ledger; income and what reduces it are kept apart: a debit on an income
-- account is a refund or a discount. Positive = income, or cost.
select entity, month, posted_on, line,
  case when line in ('gross', 'refunds') then -amount else amount end as amount
from (
  select entity, month, posted_on, amount,
    case
      when type = 'income' and amount < 0 then 'gross'
      when type = 'income' then 'refunds'
      when type in ('direct_cost', 'commission', 'marketing', 'fixed', 'depreciation', 'interest', 'tax') then type
    end as line
  from ledger
)
where line is not null
