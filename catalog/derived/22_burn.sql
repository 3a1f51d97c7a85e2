-- One row: mean burn of the last three complete months, its range, and the runway that follows. No row with fewer than two complete
-- months, nor with a ledger that ends before the last complete month: then nothing can be said, and burn_gap says why.
-- `without`: entities whose own ledger has ended; what they burn since is not in it.
select b.months, b.gross, b.net, b.net_low, b.net_high, c.unrestricted,
  case when b.net > 0 then (c.unrestricted - $cash_floor) / b.net end as runway_months,
  case when b.net > 0 then $as_of + cast(floor(greatest(c.unrestricted - $cash_floor, 0) / b.net * 30.4375) as int) end as runway_date,
  w.without
from (
  select count(*) as months, avg(cash_out) as gross, avg(net_burn) as net, min(net_burn) as net_low, max(net_burn) as net_high
  from (select * from burn_month where complete order by month desc limit 3)
) b
cross join (select unrestricted from cash_position where g = 1) c
cross join (select last_on from ledger_span where g = 1 and not stale) s
cross join (
  select string_agg(concat(coalesce(e.title, s.entity), ' since ', fmt_day(s.last_on)), ', ' order by s.entity) as without
  from ledger_span s left join entities e on e.id = s.entity
  where s.g = 0 and s.stale and s.entity in (
    select entity from ledger where cash and kind = 'operating' and entity is not null and posted_on > $as_of - interval '365 days')
) w
where b.months >= 2
