-- One charter: price, variable cost and contribution, from the completed ones of the last three complete months whose price and
-- own cost are known (`uncosted`: how many more there were); with the fixed cost they have to carry. Row g = 1: all charter entities together, with the fixed cost of those too that sold nothing.
select entity, g, n, uncosted, price, variable, price - variable as contribution, fixed,
  case when price > variable then cast(ceil(fixed / (price - variable)) as bigint) end as break_even
from (
  select u.entity, grouping(u.entity) as g, sum(u.n) as n, sum(u.uncosted) as uncosted, sum(u.revenue) / nullif(sum(u.n), 0) as price,
    sum(u.variable) / nullif(sum(u.n), 0) as variable,
    case when grouping(u.entity) = 1 then max(t.fixed) else sum(f.fixed) end as fixed
  from (
    select b.entity, count(b.direct_cost) as n, count(*) - count(b.direct_cost) as uncosted,
      sum(b.gross - coalesce(b.discount, 0)) filter (where b.direct_cost is not null) as revenue,
      sum(coalesce(b.commission, 0) + b.direct_cost) as variable
    from bookings b
    join entities e on e.id = b.entity and e.kind = 'charter'
    where b.status = 'completed' and b.gross is not null
      and cast(date_trunc('month', b.service_from) as date) in (select month from months where ago <= 3)
    group by b.entity
  ) u
  left join fixed_cost f on f.entity = u.entity
  cross join (
    select case when count(*) = count(c.fixed) then sum(c.fixed) end as fixed
    from fixed_cost c join entities e on e.id = c.entity and e.kind = 'charter'
  ) t
  group by grouping sets ((u.entity), ())
)
where n > 0
