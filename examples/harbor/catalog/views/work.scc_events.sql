-- Hours of crew and captain, one row per person and outing: a list inside the HOURS item. JADA's outings have calendar ids.
select
  case when "PK" like 'EVENT#cal-%' then 'jada' else 'qos' end as entity,
  replace("PK", 'EVENT#', '') || '-' || json_get(entry, 'member') as work_id,
  'shift' as kind,
  day(json_get(entry, 'start')) as opened_on,
  day(json_get(entry, 'start')) as done_on,
  'done' as status,
  round(money(json_get(entry, 'minutes')) / 60, 2) as hours,
  false as billable
from (select "PK", unnest(json_list(hours_log)) as entry from raw.scc_events where "SK" = 'HOURS')
