-- Mean net revenue per 30 days over the last 365 days (fewer where an entity is younger): what an entity's troubles put at stake.
select entity, sum(revenue) * 30 / greatest(least($as_of - min(service_on) + 1, 365), 30) as revenue_30d, count(*) as n
from sales
where status = 'completed' and service_on between $as_of - interval '364 days' and $as_of
group by entity
