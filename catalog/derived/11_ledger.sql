-- Journal lines with what the chart of accounts says about them; type NULL = posted to an account nobody declared.
-- An account's entity is NULL in a chart that all entities share; an entity's own row goes before the shared one. However often
-- a row of the chart is written down, a line counts once.
with chart as (
  select entity, account, min(name) as name, min(type) as type, bool_or(cash) as cash, bool_or(restricted) as restricted
  from accounts
  group by entity, account
)
select
  t.entity, t.transaction_id, t.line, t.posted_on, cast(date_trunc('month', t.posted_on) as date) as month,
  t.account, coalesce(a.name, s.name) as name, coalesce(a.type, s.type) as type,
  coalesce(a.cash, s.cash, false) as cash, coalesce(a.restricted, s.restricted, false) as restricted,
  t.amount, coalesce(t.kind, 'operating') as kind, t.counterparty, t.memo, t.receipt
from transactions t
left join chart a on a.account = t.account and a.entity = t.entity
left join chart s on s.account = t.account and s.entity is null and a.account is null
where t.posted_on <= $as_of
