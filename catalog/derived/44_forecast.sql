-- Two forecasts of a month's net revenue, for the last six complete months (graded) and four months ahead: `naive`, the same
-- month a year before; `levelled`, that times how the three months before the forecast did against their year before.
with spine as (
  select cast(m as date) as month from (
    select unnest(generate_series(cast(date_trunc('month', $as_of) as date) - interval '23 months',
      cast(date_trunc('month', $as_of) as date) + interval '3 months', interval '1 month')) as m)
),
actual as (
  select s.month, case when sum(r.units) > 0 and sum(r.priced) = 0 then null else coalesce(sum(r.revenue), 0) end as revenue
  from spine s left join revenue_month r on r.month = s.month
  where s.month >= (select min(month) from revenue_month) and s.month <= $as_of
  group by s.month
),
origin as (
  select s.month, least(s.month, (select max(month) + interval '1 month' from months where complete)) as first_unknown from spine s
)
select o.month, y.revenue as naive, cast(y.revenue * l.level as decimal(38, 4)) as levelled, a.revenue as actual
from origin o
join actual y on y.month = cast(o.month - interval '12 months' as date)
left join actual a on a.month = o.month
left join (
  select o.month, sum(n.revenue) / nullif(sum(b.revenue), 0) as level
  from origin o
  join actual n on n.month < o.first_unknown and n.month >= o.first_unknown - interval '3 months'
  join actual b on b.month = cast(n.month - interval '12 months' as date)
  group by o.month having count(n.revenue) = 3 and count(b.revenue) = 3
) l on l.month = o.month
where o.month >= date_trunc('month', $as_of) - interval '6 months'
