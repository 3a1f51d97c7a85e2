-- Net revenue, contribution and completed sales per entity and month of service. `priced` of the `units` have a price: with none,
-- revenue is NULL, unknown.
select s.entity, m.month, m.back, m.ago, m.complete, sum(s.revenue) as revenue, sum(s.contribution) as contribution, count(*) as units,
  count(s.revenue) as priced
from sales s
join months m on m.month = cast(date_trunc('month', s.service_on) as date)
where s.status = 'completed' and s.service_on <= $as_of
group by s.entity, m.month, m.back, m.ago, m.complete
