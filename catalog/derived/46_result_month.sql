-- What each business earned per month: net revenue by records (a sale counts on its day of service, posted or not), variable cost
-- and fixed cost by the ledger. An entity whose ledger shows no variable cost at all has that of its records.
with cost as (
  select entity, month,
    coalesce(sum(amount) filter (where line in ('direct_cost', 'commission', 'marketing')), 0) as variable,
    coalesce(sum(amount) filter (where line = 'fixed'), 0) as fixed,
    count(*) filter (where line in ('direct_cost', 'commission', 'marketing')) as n_variable
  from pl_month group by entity, month
),
keeps_books as (select entity from cost group by entity having sum(n_variable) > 0)
select e.id as entity, m.month, m.back, m.ago, m.complete, coalesce(r.units, 0) as units, coalesce(r.revenue, 0) as revenue,
  case when k.entity is null then coalesce(r.revenue - r.contribution, 0) else coalesce(c.variable, 0) end as variable,
  coalesce(r.revenue, 0) - case when k.entity is null then coalesce(r.revenue - r.contribution, 0) else coalesce(c.variable,
    0) end as contribution,
  coalesce(c.fixed, 0) as fixed
from entities e
cross join months m
left join revenue_month r on r.entity = e.id and r.month = m.month
left join cost c on c.entity = e.id and c.month = m.month
left join keeps_books k on k.entity = e.id
where r.entity is not null or c.entity is not null
