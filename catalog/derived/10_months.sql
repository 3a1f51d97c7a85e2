-- The 24 months up to the one of $as_of. A month is complete once its last day is past. `back` counts months from 0, the one of
-- $as_of; `ago` counts complete months only, from 1 for the latest, and is NULL in the incomplete one.
with series as (
  select cast(unnest(generate_series(
    cast(date_trunc('month', $as_of) as date) - interval '23 months',
    cast(date_trunc('month', $as_of) as date),
    interval '1 month')) as date) as month
),
counted as (
  select month, cast(row_number() over (order by month desc) - 1 as int) as back,
    cast(month + interval '1 month' - interval '1 day' as date) <= $as_of as complete
  from series
)
select month, back, complete,
  case when complete then cast(row_number() over (partition by complete order by month desc) as int) end as ago,
  least(cast(month + interval '1 month' - interval '1 day' as date), $as_of) as last_day
from counted
