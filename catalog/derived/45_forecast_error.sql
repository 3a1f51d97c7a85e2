-- Mean miss of both forecasts over the complete months that both can be graded on, and which of the two to use: the levelled one
-- only where it did better.
select n, naive_miss, levelled_miss, coalesce(levelled_miss < naive_miss, false) as use_levelled,
  case when levelled_miss < naive_miss then levelled_miss else naive_miss end as miss
from (
  select count(*) as n, avg(abs(actual - naive)) as naive_miss, avg(abs(actual - levelled)) as levelled_miss
  from forecast f join months m on m.month = f.month and m.ago <= 6
  where f.levelled is not null
)
