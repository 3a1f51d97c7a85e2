-- Balance per entity and account at the end of $as_of: debit positive.
select entity, account, max(name) as name, max(type) as type, bool_or(cash) as cash, bool_or(restricted) as restricted,
  sum(amount) as balance, count(*) as lines, max(posted_on) as last_on
from ledger
group by entity, account
