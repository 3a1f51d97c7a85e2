select
  'dc' as entity,
  initcap(replace(replace(id, 'client-', ''), '-', ' ')) as customer,
  true as consent,
  json_get(contact, 'email') is not null as reachable
from raw.dc_clients
