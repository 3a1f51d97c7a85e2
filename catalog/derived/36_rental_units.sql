-- How many units a rental lets: its properties, rooms and units among the assets.
select a.entity, count(*) as units
from assets a
join entities e on e.id = a.entity and e.kind = 'rental'
where a.kind in ('property', 'unit', 'room', 'apartment', 'house') and coalesce(a.status, 'active') not in ('sold', 'retired', 'vanished')
group by a.entity
