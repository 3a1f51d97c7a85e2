-- Cash, and what part of it belongs to others. Money held for others shows either as a restricted liability or as a restricted
-- bank account (escrow); where an entity has both they are two sides of one thing, so the larger counts, not their sum. What the
-- portfolio holds (g = 1) is the sum over its entities: one's escrow does not cover another's deposits.
with one as (
  select entity, sum(balance) filter (where cash) as total,
    greatest(
      coalesce(-sum(balance) filter (where restricted and not cash), 0),
      coalesce(sum(balance) filter (where restricted and cash), 0), 0) as held
  from balances
  group by entity
)
select entity, 0 as g, total, held, total - held as unrestricted from one where entity is not null and total is not null
union all
select null, 1, sum(total), sum(held), sum(total) - sum(held) from one having sum(total) is not null
