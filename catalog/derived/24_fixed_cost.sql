-- Mean monthly fixed cost per entity, last three complete months.
select entity, sum(amount) / 3 as fixed
from pl_month
where line = 'fixed' and month in (select month from months where ago <= 3)
group by entity
