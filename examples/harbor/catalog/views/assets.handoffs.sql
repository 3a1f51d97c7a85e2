-- The `## Assets` tables of the handoffs: boats, trailers, the house, domains.
select
  entity,
  entity || '-' || file || '-' || row_no as asset_id,
  lower(max(case when lower(trim(header)) = 'kind' then trim(value) end)) as kind,
  max(case when lower(trim(header)) in ('asset', 'name') then trim(value) end) as name,
  max(case when lower(trim(header)) = 'status' then trim(value) end) as status,
  day(max(case when lower(trim(header)) in ('since', 'acquired') then nullif(trim(value), '-') end)) as acquired_on,
  money(max(case when lower(trim(header)) = 'value' then nullif(trim(value), '-') end)) as value,
  day(max(case when lower(trim(header)) in ('expires', 'valid to') then nullif(trim(value), '-') end)) as expires_on
from handoff_table_cell
where lower(section) like '%asset%'
group by entity, file, table_no, row_no
