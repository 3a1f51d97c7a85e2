-- The `## Risks` tables of the handoffs.
select
  entity,
  max(case when lower(trim(header)) in ('risk', 'what') then trim(value) end) as risk,
  lower(max(case when lower(trim(header)) = 'kind' then trim(value) end)) as kind,
  lower(max(case when lower(trim(header)) in ('severity', 'sev') then trim(value) end)) as severity,
  lower(max(case when lower(trim(header)) = 'owner' then trim(value) end)) as owner,
  day(max(case when lower(trim(header)) in ('due', 'by') then nullif(trim(value), '-') end)) as due_on,
  max(case when lower(trim(header)) in ('mitigation', 'plan') then trim(value) end) as mitigation
from handoff_table_cell
where lower(section) like '%risk%'
group by entity, file, table_no, row_no
