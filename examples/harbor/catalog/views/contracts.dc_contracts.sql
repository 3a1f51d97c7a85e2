-- Retainers by the month; an annual price counts a twelfth, a one-off its total.
select
  'dc' as entity,
  id as contract_id,
  initcap(replace(replace(client, 'client-', ''), '-', ' ')) as customer,  -- client-yacht-broker: Yacht Broker
  case json_get(terms, 'interval') when 'once' then 'one_off' else 'recurring' end as kind,
  lower(status) as status,
  day(start) as starts_on,
  day("end") as ends_on,
  case json_get(terms, 'interval')
    when 'month' then money(json_get(terms, 'price'))
    when 'year' then cast(round(money(json_get(terms, 'price')) / 12, 2) as decimal(20, 4))
  end as monthly,
  case json_get(terms, 'interval') when 'once' then money(json_get(terms, 'price')) end as total
from raw.dc_contracts
