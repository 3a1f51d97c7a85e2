-- The `## Milestones` tables of the handoffs.
select
  entity,
  max(case when lower(trim(header)) = 'milestone' then trim(value) end) as milestone,
  day(max(case when lower(trim(header)) in ('due', 'by') then nullif(trim(value), '-') end)) as due_on,
  day(max(case when lower(trim(header)) = 'done' then nullif(trim(value), '-') end)) as done_on,
  lower(max(case when lower(trim(header)) = 'owner' then trim(value) end)) as owner,
  money(max(case when lower(trim(header)) = 'target' then nullif(trim(value), '-') end)) as target,
  max(case when lower(trim(header)) in ('measure', 'measured by') then nullif(trim(value), '-') end) as measure,
  max(case when lower(trim(header)) = 'horizon' then nullif(trim(value), '-') end) as horizon
from handoff_table_cell
where lower(section) like '%milestone%'
group by entity, file, table_no, row_no
