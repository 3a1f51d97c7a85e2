-- Hours that the agency worked. The chapel has no contract: work that nobody will pay for.
select
  'dc' as entity,
  id as work_id,
  'agency' as kind,
  initcap(replace(replace(client, 'client-', ''), '-', ' ')) as customer,
  contract as contract_id,
  day("day") as opened_on,
  day("day") as done_on,
  'done' as status,
  money(hours) as hours,
  round(money(hours) * money(rate), 2) as amount,
  flag(billable) as billable
from raw.dc_work
