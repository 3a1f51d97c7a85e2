-- A year of rent, paid from the bank. Both engines run it as it stands.
select entity, concat(entity, ' ', cast(posted_on as varchar)) as transaction_id, line, posted_on, account, amount, 'operating' as kind
from (values ('resort'), ('city'), ('north'), ('south')) as e(entity)
cross join (select cast('2025-11-05' as date) + cast(n * 30 as int) as posted_on
  from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)) as m(n))
cross join (values (1, '6000', 90000.00), (2, '1000', -90000.00)) as l(line, account, amount)
