"""Harbor's bookings, enquiries, jobs and lists, straight from its raw tables and handoffs. Start at test_harbor.py.

examples/harbor/README.md says what the tables are. One function per table.
"""

from cells import day, money, owed, percent, section_table, table, whole, yes
from decimal import ROUND_HALF_UP, Decimal
from records import Booking, Campaign, Channel, Job, Lead, Mailable

CENT = Decimal("0.01")


def charters_of_jada(tables, zone):
    """Charters and enquiries stand in one calendar, between maintenance and blocked days."""
    bookings, leads = [], []
    for row in table(tables, "jada-calendar"):
        price, written = money(row.get("gross_revenue")), str(row.get("status")).lower()
        booked = day(row.get("booked_at"), zone)
        if row["event_type"].lower() == "inquiry":
            quoted = "quoted_at" in row
            step = written if written in {"won", "lost"} else "quote" if quoted else "enquiry"
            leads.append(Lead("jada", booked, step, quoted, price))
        if row["event_type"].lower() != "charter":
            continue
        if price is not None:
            price -= owed(row.get("discount"))
        start = day(row["charter_date"], zone)
        bookings.append(Booking(
            entity="jada", number=row["id"], booked=booked, start=start, end=start, status=charter_status(written),
            channel=row["source"].lower(), customer=row["customer"], price=price, commission=owed(row.get("commission")),
            cost=crew_and_port(row, price), refundable=row.get("deposit_policy") != "locked"))
    return bookings, leads


def charter_status(written):
    if written.startswith("cancel"):
        return "cancelled"
    return {"done": "completed", "no-show": "no_show", "confirmed": "booked"}.get(written, written)


def crew_and_port(row, price):
    """Crew, captain and the port's share of the price; not known as soon as one of them is not."""
    paid = [money(row.get("crew_cost")), money(row.get("captain_cost")), price]
    if None in paid:
        return None
    return paid[0] + paid[1] + (price * percent(row["port_fee_percent"])).quantize(CENT, ROUND_HALF_UP)


def events_of_qos(tables, zone):
    """META items of the shared event table. Since August 2026 they have no money."""
    for row in table(tables, "scc-events"):
        if row["SK"] != "META" or row["brand"] != "QOS":
            continue
        paid = row.get("money", {})
        costs = [money(paid.get(key)) for key in ("crew", "captain", "port")]
        start = day(row["starts_at"], zone)
        yield Booking(
            entity="qos", booked=day(row["created"], zone), start=start, end=start,
            status={"SAILED": "completed", "PLANNED": "booked", "CANCELLED": "cancelled"}[row["state"]],
            channel=row["source"].lower(), customer=row["client"]["name"], price=money(paid.get("gross")),
            commission=money(paid.get("commission")), cost=None if None in costs else sum(costs))


def jobs_of_qdn(tables, zone):
    """Quotes and jobs of one table: a job that a customer agreed to is a booking too."""
    bookings, jobs = [], []
    for row in table(tables, "qdn-jobs"):
        status = row["status"].lower()
        quoted, start = day(row["quoted_at"], zone), day(row["service_date"], zone)
        price = money(row["final_price"]) if "final_price" in row else money(row["quote"])
        if status in {"done", "cancelled"}:
            bookings.append(Booking("qdn", quoted, start, start, "completed" if status == "done" else status, "direct",
                                    row["customer"], price))
        jobs.append(Job("qdn", quoted, None, day(row.get("completed_at"), zone), None, status, price, None))
    return bookings, jobs


def threads_of_qdn(tables, zone):
    """One enquiry per thread of messages, at the furthest step that any of them names."""
    threads = {}
    for row in table(tables, "qdn-messages"):
        threads.setdefault(row["PK"], []).append(row)
    for messages in threads.values():
        steps = {str(row.get("stage")).lower() for row in messages}
        step = next((step for step in ("won", "quote") if step in steps), "enquiry")
        estimates = [money(row["estimate"]) for row in messages if "estimate" in row]
        yield Lead("qdn", min(day(row["at"], zone) for row in messages), step, "quote" in steps, max(estimates, default=None))


def deliveries_of_eyd(tables, zone):
    bookings, leads, jobs = [], [], []
    for row in table(tables, "eyd-jobs"):
        accepted, left, done = (day(row.get(key), zone) for key in ("accepted", "left", "delivered"))
        price, cost, quoted = money(row["price"]), money(row.get("crew_cost")), day(row["quoted"], zone)
        status = {"delivered": "done", "accepted": "open"}.get(row["status"], row["status"])
        if status in {"done", "open"}:
            bookings.append(Booking("eyd", accepted, left or accepted, done, "completed" if status == "done" else "booked",
                                    "direct", row["owner"], price, cost=cost))
        step = {"quoted": "quote", "lost": "lost"}.get(row["status"], "won")
        leads.append(Lead("eyd", day(row["asked"], zone), step, True, price))
        invoiced = day(row.get("invoice", {}).get("on"), zone)
        jobs.append(Job("eyd", quoted, accepted, done, invoiced, status, price, cost))
    return bookings, leads, jobs


def stays(tables, zone):
    """The price of a stay is that of its nights and of the cleaning; the tax is the city's."""
    for row in table(tables, "rental-reservations"):
        status = row["status"].lower().replace("_", " ")
        yield Booking(
            entity="rental", number=row["id"], booked=day(row["booked"], zone), start=day(row["arrive"], zone),
            end=day(row["depart"], zone), nights=whole(row["nights"]),
            status={"checked out": "completed", "completed": "completed", "confirmed": "booked", "checked in": "booked"}.get(
                status, "cancelled"),
            channel=row["platform"].lower(), customer=row["guest"], price=money(row["gross"]) + owed(row.get("cleaning_fee")),
            commission=money(row["fee"]), cost=money(row.get("cleaning_cost")),
            refundable=yes(row.get("deposit_refundable", True)))


def campaigns(tables, zone):
    for row in table(tables, "qos-campaigns"):
        yield Campaign("qos", day(row.get("sent_at"), zone), whole(row.get("list_size")), whole(row.get("delivered")),
                       money(row.get("promo_revenue")))


def mailable(tables):
    """Guests with consent, less those whose mail came back; every client of the agency who left an address."""
    for row in table(tables, "qos-guests"):
        yield Mailable("qos", yes(row["consent"]), not yes(row.get("bounced")))
    for row in table(tables, "dc-clients"):
        yield Mailable("dc", True, "email" in row["contact"])


def channels(handoffs, kinds):
    for entity in kinds:
        text = (handoffs / f"{entity}.md").read_text(encoding="utf-8")
        for row in section_table(text, "channels"):
            yield Channel(entity, row.get("kind", row.get("type")).lower(), yes(row.get("live", row.get("live?"))),
                          money(row.get("potential / month", row.get("potential"))))


def units(handoffs):
    """What the rental lets, by its list of assets."""
    rows = section_table((handoffs / "rental.md").read_text(encoding="utf-8"), "assets")
    return {"rental": sum(row["kind"] == "property" for row in rows)}
