-- Cash, and what part of it belongs to others. Money held for others shows either as a restricted liability or as a restricted
-- bank account (escrow); where both exist they are two sides of one thing, so the larger counts, not their sum.
select entity, g, total, held, total - held as unrestricted
from (
  select entity, grouping(entity) as g,
    sum(balance) filter (where cash) as total,
    greatest(
      coalesce(-sum(balance) filter (where restricted and not cash), 0),
      coalesce(sum(balance) filter (where restricted and cash), 0), 0) as held
  from balances
  group by grouping sets ((entity), ())
)
where total is not null and (g = 1 or entity is not null)
