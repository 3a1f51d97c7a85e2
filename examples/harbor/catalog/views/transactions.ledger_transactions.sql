-- Three generations of writers: signed `amount` under `date`, `debit`/`credit` under `posted_at`, signed `amount` under `posted_on`.
select
  entity,
  replace("PK", 'TXN#', '') as transaction_id,
  whole(replace("SK", 'LINE#', '')) as line,
  day(coalesce(posted_on, posted_at, "date")) as posted_on,
  account,
  case when debit is null and credit is null then money(amount) else coalesce(money(debit), 0) - coalesce(money(credit), 0) end as amount,
  memo,
  counterparty,
  lower(coalesce(kind, "type")) as kind,
  flag(receipt) as receipt
from raw.ledger_transactions
