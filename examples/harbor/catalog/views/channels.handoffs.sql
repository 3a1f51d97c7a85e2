-- The `## Channels` tables of the handoffs, one row per channel. Nobody counts visits, so they are not mapped.
select
  entity,
  max(case when lower(trim(header)) in ('channel', 'where') then trim(value) end) as channel,
  lower(max(case when lower(trim(header)) in ('kind', 'type') then trim(value) end)) as kind,
  flag(max(case when lower(trim(header)) = 'listed' then trim(value) end)) as listed,
  flag(max(case when lower(trim(header)) in ('live', 'live?') then trim(value) end)) as live,
  ratio(max(case when lower(trim(header)) in ('commission', 'fee') then trim(value) end)) as commission_rate,
  money(max(case when lower(trim(header)) in ('potential / month', 'potential') then nullif(trim(value), '-') end)) as potential_monthly,
  max(case when lower(trim(header)) = 'blocked by' then nullif(trim(value), '-') end) as blocked_by,
  whole(max(case when lower(trim(header)) in ('order', '#') then nullif(trim(value), '-') end)) as sequence
from handoff_table_cell
where lower(section) like '%channel%' and entity is not null
group by entity, file, table_no, row_no
