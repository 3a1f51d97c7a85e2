-- The portfolio's burn per month, the current month included. A month counts from the first one with any cash line on, up to the
-- one of the last: a month that nobody posted yet is no month without burn, and is not complete.
select m.month, m.back, m.complete and m.month <= s.last_month as complete,
  coalesce(sum(c.cash_in), 0) as cash_in,
  coalesce(sum(c.cash_out), 0) as cash_out,
  coalesce(sum(c.cash_out), 0) - coalesce(sum(c.cash_in), 0) as net_burn,
  coalesce(sum(c.draws), 0) as draws,
  coalesce(sum(c.loans), 0) as loans,
  coalesce(sum(c.capital), 0) as capital
from months m
cross join (select first_month, last_month from ledger_span where g = 1) s
left join cash_month c on c.month = m.month
where m.month >= s.first_month and (m.month <= s.last_month or not m.complete)
group by m.month, m.back, m.complete, s.last_month
