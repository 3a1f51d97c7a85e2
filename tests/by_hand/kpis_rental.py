"""Stays, nights, rates and deposits of rentals by hand. A night belongs to the day that it begins on. Start at test_hotel.py."""

from datetime import timedelta
from decimal import Decimal

from kpis import COUNT, MONEY, RATIO, half_up, kpi
from records import each, last, mean, ratio


def stays(books, *statuses):
    return [b for b in books.of_kind("rental", books.bookings) if not statuses or b.status in statuses]


@kpi("rental.reservations", COUNT, kind="rental")
def reservations(books, night):
    return each(stays(books), len)


@kpi("rental.checked_out", COUNT, kind="rental")
def checked_out(books, night):
    return each(stays(books), lambda those: sum(b.status == "completed" for b in those))


@kpi("rental.nights_sold", COUNT, kind="rental")
def nights_sold(books, night):
    return each(stays(books, "completed"), lambda those: sum(b.nights for b in those))


@kpi("rental.room_revenue", MONEY, kind="rental")
def room_revenue(books, night):
    return each(stays(books, "completed"), lambda those: sum(b.price for b in those))


@kpi("rental.adr", MONEY, kind="rental")
def average_daily_rate(books, night):
    return each(stays(books, "completed"), lambda those: ratio(sum(b.price for b in those), sum(b.nights for b in those)))


def sold(booking, window):
    """How many of its nights fall into the window; the last one begins on the day before departure."""
    begins = max(booking.start, window.first)
    ends = min(booking.end - timedelta(days=1), window.last)
    return max((ends - begins).days + 1, 0)


def revenue_and_nights(those, window):
    """A stay's price is spread evenly over its nights."""
    inside = [(sold(b, window), b) for b in those if b.nights]
    return sum(b.price * nights / b.nights for nights, b in inside), sum(nights for nights, _ in inside)


@kpi("rental.adr_30d", MONEY, kind="rental")
def recent_rate(books, night):
    return each(stays(books, "completed", "booked"), lambda those: ratio(*revenue_and_nights(those, last(30, night))))


def available(books, entity):
    return 30 * (sum(books.units.values()) if entity is None else books.units.get(entity, 0))


@kpi("rental.occupancy", RATIO, kind="rental")
def occupancy(books, night):
    parts = each(stays(books, "completed", "booked"), lambda those: revenue_and_nights(those, last(30, night)))
    return {entity: ratio(nights, available(books, entity)) for entity, (_, nights) in parts.items()}


@kpi("rental.revpar", MONEY, kind="rental")
def revenue_per_available_night(books, night):
    parts = each(stays(books, "completed", "booked"), lambda those: revenue_and_nights(those, last(30, night)))
    return {entity: ratio(revenue, available(books, entity)) for entity, (revenue, _) in parts.items()}


@kpi("rental.revenue_per_booking", MONEY, kind="rental")
def revenue_per_stay(books, night):
    year = [b for b in stays(books, "completed") if b.start in last(365, night)]
    return each(year, lambda those: mean(b.price for b in those))


@kpi("rental.maintenance_open", COUNT, kind="rental")
def open_tickets(books, night):
    return each(books.tickets, lambda those: sum(ticket.open for ticket in those))


@kpi("rental.deposits_held", MONEY, kind="rental")
def received_for_stays_to_come(books, night):
    paid = {}
    for payment in books.payments:
        if payment.on <= night:
            paid.setdefault(payment.booking, []).append(payment)
    if not books.payments:
        return {}
    return each(stays(books), lambda those: sum(deferred(b, paid.get(b.number, []), night) for b in those))


def deferred(booking, payments, night):
    """What was paid in advance and is not earned yet: a stay is earned night by night, each month end to the cent."""
    lost = booking.status in {"cancelled", "no_show"}
    advance = sum((p.amount for p in payments if lost or p.on < booking.start), Decimal(0))
    if booking.start > night:
        return advance
    if lost:
        # Past its first day, what need not go back is forfeited.
        return advance if booking.refundable else Decimal(0)
    slept = min((night - booking.start).days + 1, booking.nights)
    return advance - half_up(advance * slept / booking.nights, Decimal("0.01"))
