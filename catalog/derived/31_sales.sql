-- What was sold, one row a sale, whatever a business calls it: bookings; jobs of entities that keep no bookings; invoices of entities
-- that keep neither. So an entity that maps both does not count twice. revenue = gross - discount, NULL where nobody wrote
-- the price; contribution is after commission and direct cost.
select b.entity, b.booking_id as sale_id, b.booked_on, b.service_from as service_on, b.status, b.channel, b.customer,
  b.gross - coalesce(b.discount, 0) as revenue,
  coalesce(b.net, b.gross - coalesce(b.discount, 0) - coalesce(b.commission, 0) - coalesce(b.direct_cost, 0)) as contribution
from bookings b
union all
select w.entity, w.work_id, coalesce(w.won_on, w.opened_on, w.quoted_on), coalesce(w.done_on, w.won_on, w.opened_on),
  case w.status when 'done' then 'completed' when 'open' then 'booked' when 'quoted' then 'inquiry' else 'cancelled' end,
  null, w.customer, w.amount, w.amount - coalesce(w.cost, 0)
from work w
where w.kind = 'job' and coalesce(w.entity, '') not in (select distinct coalesce(entity, '') from bookings)
union all
select i.entity, i.invoice_id, coalesce(i.issued_on, i.due_on) as booked_on, coalesce(i.issued_on, i.due_on) as service_on, 'completed', null, i.customer,
  i.amount - coalesce(i.credit, 0) as revenue, i.amount - coalesce(i.credit, 0) as contribution
from invoices i
where coalesce(i.status, 'open') not in ('draft', 'void')
  and coalesce(i.entity, '') not in (select distinct coalesce(entity, '') from bookings)
  and coalesce(i.entity, '') not in (select distinct coalesce(entity, '') from work where kind = 'job')
