select
  entity,
  id as account,
  name,
  "type" as type,
  parent,
  coalesce(flag(cash), false) as cash,
  coalesce(flag(restricted), false) as restricted,
  flag(postable) as postable,
  day(reconciled_on) as reconciled_on
from raw.ledger_accounts
