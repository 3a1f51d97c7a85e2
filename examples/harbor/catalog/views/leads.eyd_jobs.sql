select
  'eyd' as entity,
  id as lead_id,
  day(asked) as created_on,
  'direct' as channel,
  case status when 'quoted' then 'quote' when 'lost' then 'lost' else 'won' end as step,
  money(price) as value,
  day(quoted) as quoted_on,
  day(accepted) as won_on,
  case when accepted is not null then id end as booking_id
from raw.eyd_jobs
