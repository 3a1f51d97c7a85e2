-- Every quote and job; the invoice says when it was billed.
select
  'qdn' as entity,
  jobs.id as work_id,
  'job' as kind,
  jobs.customer,
  jobs.trailer as asset_id,
  day(jobs.quoted_at) as opened_on,
  day(jobs.quoted_at) as quoted_on,
  case when lower(jobs.status) in ('done', 'scheduled') then day(jobs.quoted_at) end as won_on,
  day(jobs.completed_at) as done_on,
  day(invoices.issued) as invoiced_on,
  case lower(jobs.status) when 'done' then 'done' when 'scheduled' then 'open' else lower(jobs.status) end as status,
  money(jobs.hours) as hours,
  coalesce(money(jobs.final_price), money(jobs.quote)) as amount,
  money(jobs.dump_fee) + money(jobs.fuel) as cost,
  true as billable
from raw.qdn_jobs as jobs
left join raw.qdn_invoices as invoices on invoices.job = jobs.id
