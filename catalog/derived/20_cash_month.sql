-- Money in and out of cash accounts per entity and month. Only operating lines make burn; draws, loans, transfers between
-- own accounts and capital purchases stand beside it.
select entity, month,
  coalesce(sum(amount) filter (where kind = 'operating' and amount > 0), 0) as cash_in,
  coalesce(-sum(amount) filter (where kind = 'operating' and amount < 0), 0) as cash_out,
  coalesce(sum(amount) filter (where kind = 'draw'), 0) as draws,
  coalesce(sum(amount) filter (where kind = 'loan'), 0) as loans,
  coalesce(sum(amount) filter (where kind = 'capital'), 0) as capital,
  coalesce(sum(amount) filter (where kind in ('transfer', 'opening')), 0) as transfers
from ledger
where cash
group by entity, month
