-- Daily AWS cost, read once: day, service, entity (NULL = shared), amount.
select day(day) as day, service, nullif(trim(entity), '') as entity, money(amount) as amount
from cost_daily
where day(day) <= $as_of
