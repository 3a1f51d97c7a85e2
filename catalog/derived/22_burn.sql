-- One row: mean burn of the last three complete months, its range, and the runway that follows. No row with fewer than two
-- complete months: then nothing can be said.
select b.months, b.gross, b.net, b.net_low, b.net_high, c.unrestricted,
  case when b.net > 0 then (c.unrestricted - $cash_floor) / b.net end as runway_months,
  case when b.net > 0 then $as_of + cast(floor(greatest(c.unrestricted - $cash_floor, 0) / b.net * 30.4375) as int) end as runway_date
from (
  select count(*) as months, avg(cash_out) as gross, avg(net_burn) as net, min(net_burn) as net_low, max(net_burn) as net_high
  from (select * from burn_month where complete order by month desc limit 3)
) b
cross join (select unrestricted from cash_position where g = 1) c
where b.months >= 2
