-- Journal lines with what the chart of accounts says about them; type NULL = posted to an account nobody declared.
-- An account's entity is NULL in a chart that all entities share.
select
  t.entity, t.transaction_id, t.line, t.posted_on, cast(date_trunc('month', t.posted_on) as date) as month,
  t.account, a.name, a.type, coalesce(a.cash, false) as cash, coalesce(a.restricted, false) as restricted,
  t.amount, coalesce(t.kind, 'operating') as kind, t.counterparty, t.memo, t.receipt
from transactions t
left join accounts a on a.account = t.account and coalesce(a.entity, t.entity, '') = coalesce(t.entity, '')
where t.posted_on <= $as_of
