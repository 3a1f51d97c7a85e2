-- Why there is no burn, in words; no row where there is one.
select case when s.stale then concat('the ledger ends on ', fmt_day(s.last_on))
  else concat('the ledger covers ', b.months, case when b.months = 1 then ' complete month' else ' complete months' end,
    ', and two are needed') end as gap
from (select last_on, stale from ledger_span where g = 1) s
cross join (select count(*) as months from burn_month where complete) b
where s.stale or b.months < 2
