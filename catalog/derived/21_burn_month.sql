-- The portfolio's burn per month, the current month included. A month counts from the first one with any cash line on.
select m.month, m.back, m.complete,
  coalesce(sum(c.cash_in), 0) as cash_in,
  coalesce(sum(c.cash_out), 0) as cash_out,
  coalesce(sum(c.cash_out), 0) - coalesce(sum(c.cash_in), 0) as net_burn,
  coalesce(sum(c.draws), 0) as draws,
  coalesce(sum(c.loans), 0) as loans,
  coalesce(sum(c.capital), 0) as capital
from months m
left join cash_month c on c.month = m.month
where m.month >= (select min(month) from cash_month)
group by m.month, m.back, m.complete
