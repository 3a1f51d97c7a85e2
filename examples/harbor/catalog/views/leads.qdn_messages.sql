-- One lead per thread of messages, at the furthest step that any of them names.
select
  'qdn' as entity,
  replace("PK", 'THREAD#', '') as lead_id,
  min(day("at")) as created_on,
  case min(case when lower(via) like 'web%' then 1 when lower(via) = 'yelp' then 2 else 3 end)
    when 1 then 'web' when 2 then 'yelp' else 'sms'
  end as channel,
  case
    when max(case lower(stage) when 'won' then 2 when 'quote' then 1 else 0 end) = 2 then 'won'
    when max(case lower(stage) when 'won' then 2 when 'quote' then 1 else 0 end) = 1 then 'quote'
    else 'enquiry'
  end as step,
  max(money(estimate)) as value,
  min(case when lower(stage) = 'quote' then day("at") end) as quoted_on,
  min(case when lower(stage) = 'won' then day("at") end) as won_on,
  case when bool_or(lower(stage) = 'won') then 'job-' || replace("PK", 'THREAD#', '') end as booking_id
from raw.qdn_messages
group by "PK"
