-- What each business earned per month, from its first month with a sale or a line in the ledger on: net revenue by records (a sale
-- counts on its day of service, posted or not), variable cost and fixed cost by the ledger. An entity whose ledger shows no variable
-- cost at all has that of its records. NULL is unknown, never zero: revenue of a month whose sales have no price, or of an
-- entity that keeps no record of sales; cost of a month
-- that the entity's ledger does not cover.
with cost as (
  select entity, month,
    coalesce(sum(amount) filter (where line in ('direct_cost', 'commission', 'marketing')), 0) as variable,
    coalesce(sum(amount) filter (where line = 'fixed'), 0) as fixed,
    count(*) filter (where line in ('direct_cost', 'commission', 'marketing')) as n_variable
  from pl_month group by entity, month
),
keeps_books as (select entity from cost group by entity having sum(n_variable) > 0),
sells as (select distinct entity from sales),
covered as (select entity, min(month) as first_month, max(month) as last_month from ledger where entity is not null group by entity),
active as (
  select entity, min(month) as first_month from (
    select entity, month from revenue_month union all select entity, first_month from covered
  ) group by entity
),
joined as (
  select e.id as entity, m.month, m.back, m.ago, m.complete, coalesce(r.units, 0) as units, coalesce(r.priced, 0) as priced,
    case when s.entity is null then null when r.units > 0 then r.revenue else 0 end as revenue,
    case when r.units > 0 then r.revenue - r.contribution else 0 end as variable_by_records,
    case when m.month between v.first_month and v.last_month then coalesce(c.variable, 0) end as variable_by_ledger,
    k.entity is not null as keeps_books,
    case when m.month between v.first_month and v.last_month then coalesce(c.fixed, 0) end as fixed
  from entities e
  join active a on a.entity = e.id
  join months m on m.month >= a.first_month
  left join revenue_month r on r.entity = e.id and r.month = m.month
  left join cost c on c.entity = e.id and c.month = m.month
  left join keeps_books k on k.entity = e.id
  left join covered v on v.entity = e.id
  left join sells s on s.entity = e.id
)
select entity, month, back, ago, complete, units, priced, revenue,
  case when keeps_books then variable_by_ledger else variable_by_records end as variable,
  revenue - case when keeps_books then variable_by_ledger else variable_by_records end as contribution,
  fixed
from joined
