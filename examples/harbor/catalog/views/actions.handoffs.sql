-- Task lists of the handoffs. An impact is written per month ("$4,000/mo") or, rarely, per year.
select
  entity,
  file || ':' || line as action,
  title,
  lower(owner) as owner,
  day(due) as due_on,
  case when flag(done) then coalesce(day(due), $as_of) end as done_on,
  case
    when impact like '%/y%' then cast(round(money(split_part(impact, '/', 1)) / 12, 2) as decimal(20, 4))
    else money(split_part(impact, '/', 1))
  end as impact_monthly,
  money(cost) as cost,
  money(replace(replace(effort, ' days', ''), 'd', '')) as effort_days,
  lower(section) as area,
  'handoff' as source
from handoff_task
