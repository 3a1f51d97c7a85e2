-- The 24 months up to the one of $as_of. `back` counts from 0 (the current one); a month is complete once its last day is past.
select
  month,
  cast(row_number() over (order by month desc) - 1 as int) as back,
  month + interval '1 month' <= $as_of + interval '1 day' as complete,
  least(cast(month + interval '1 month' - interval '1 day' as date), $as_of) as last_day
from (
  select cast(m as date) as month
  from (
    select unnest(generate_series(
      cast(date_trunc('month', $as_of) as date) - interval '23 months',
      cast(date_trunc('month', $as_of) as date),
      interval '1 month')) as m)
)
