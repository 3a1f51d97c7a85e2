-- The e-mail list: consent decides who is on it, a bounce who can be reached. `joined` is when somebody joined the list, not when
-- they first bought, and segments were never recorded: so neither first_on nor segment is mapped.
select
  'qos' as entity,
  id as customer,
  flag(consent) as consent,
  not coalesce(flag(bounced), false) as reachable
from raw.qos_guests
