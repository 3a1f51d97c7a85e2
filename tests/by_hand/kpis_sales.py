"""Bookings, charters and customers by hand. Start at test_harbor.py."""

from math import ceil
from statistics import median
from typing import NamedTuple

from kpis import COUNT, MONEY, NUMBER, RATIO, kpi
from kpis_money import fixed_by_entity
from records import complete_months, each, last, mean, month_to_date, ratio, total

SOLD = {"booked", "completed"}


class Sale(NamedTuple):
    entity: str
    on: object  # the day of service
    customer: str | None
    price: object


def sales(books):
    """What was sold and done: bookings, and invoices of entities that keep no bookings (who keeps jobs here keeps bookings)."""
    keep_bookings = {booking.entity for booking in books.bookings}
    done = [Sale(b.entity, b.start, b.customer, b.price) for b in books.bookings if b.status == "completed"]
    billed = [Sale(i.entity, i.issued, i.customer, i.amount - i.credit) for i in books.invoices if i.entity not in keep_bookings]
    return done + billed


@kpi("bookings.count_30d", COUNT)
def bookings_made(books, night):
    return each(books.bookings, lambda those: sum(b.booked in last(30, night) for b in those))


@kpi("bookings.revenue_30d", MONEY)
def booked_revenue(books, night):
    return each(books.bookings, lambda those: total(b.price for b in those if b.status in SOLD and b.booked in last(30, night)))


@kpi("bookings.net_revenue_mtd", MONEY)
def net_revenue(books, night):
    return each(sales(books), lambda those: total(s.price for s in those if s.on in month_to_date(night)))


@kpi("bookings.average_value", MONEY)
def average_booking(books, night):
    recent = [b for b in books.bookings if b.status in SOLD and b.booked in last(90, night) and b.price is not None]
    return each(recent, lambda those: mean(b.price for b in those))


@kpi("bookings.cancel_rate", RATIO)
def cancelled_or_not_shown(books, night):
    lost = {"cancelled", "no_show"}
    due = [b for b in books.bookings if b.status in lost | {"completed"} and b.start in last(90, night)]
    return each(due, lambda those: ratio(sum(b.status in lost for b in those), len(those)))


@kpi("bookings.on_books_90d", MONEY)
def on_the_books(books, night):
    def ahead(booking):
        return booking.status == "booked" and booking.start is not None and 1 <= (booking.start - night).days <= 90

    return each(books.bookings, lambda those: total(b.price for b in those if ahead(b)))


@kpi("bookings.pipeline_value", MONEY)
def pipeline(books, night):
    """Enquiries and quotes that are neither won nor lost, up to 90 days old."""
    def is_open(lead):
        return lead.step in {"enquiry", "quote"} and lead.created is not None and 0 <= (night - lead.created).days <= 90

    return each(books.leads, lambda those: total(lead.value for lead in those if is_open(lead)))


@kpi("bookings.lead_time_days", NUMBER)
def days_ahead(books, night):
    recent = [b for b in books.bookings if b.status in SOLD and b.booked in last(90, night) and b.start and b.start >= b.booked]
    return each(recent, lambda those: median((b.start - b.booked).days for b in those))


@kpi("bookings.repeat_rate", RATIO)
def came_again(books, night):
    def repeat(those):
        visits = [(b.entity, b.customer) for b in those]
        return ratio(sum(visits.count(customer) > 1 for customer in set(visits)), len(set(visits)))

    year = last(365, night)
    return each([b for b in books.bookings if b.status == "completed" and b.customer and b.start in year], repeat)


@kpi("customers.active", COUNT)
def customers_served(books, night):
    """A customer is a name at one business: the Hugo B. of another one is somebody else."""
    named = [sale for sale in sales(books) if sale.customer]
    year = last(365, night)
    return each(named, lambda those: len({(s.entity, s.customer) for s in those if s.on in year}))


@kpi("concentration.top_customer", RATIO)
def largest_customer(books, night):
    year, revenue = last(365, night), {}
    for sale in sales(books):
        if sale.customer and sale.on in year and sale.price is not None:
            key = sale.entity, sale.customer
            revenue[key] = revenue.get(key, 0) + sale.price
    return {None: ratio(max(revenue.values(), default=0), sum(revenue.values()))}


@kpi("charters.sold_month", COUNT, kind="charter")
def charters_of_the_month(books, night):
    def in_month(b):
        return b.status in SOLD and b.start is not None and (b.start.year, b.start.month) == (night.year, night.month)

    return each(books.of_kind("charter", books.bookings), lambda those: sum(map(in_month, those)))


def contributions(books, night):
    """Price less commission and its own cost, per charter of the last three complete months of which all three are known."""
    months = complete_months(3, night)
    done = [b for b in books.of_kind("charter", books.bookings)
            if b.status == "completed" and any(b.start in month for month in months)
            and None not in (b.price, b.commission, b.cost)]
    return each(done, lambda those: mean(b.price - b.commission - b.cost for b in those))


kpi("charters.contribution", MONEY, kind="charter")(contributions)


@kpi("charters.break_even_units", COUNT, kind="charter")
def break_even(books, night):
    fixed = {entity: cost for entity, cost in fixed_by_entity(books, night).items() if books.kinds[entity] == "charter"}
    fixed[None] = None if None in fixed.values() else sum(fixed.values())
    return {entity: ceil(fixed[entity] / one) for entity, one in contributions(books, night).items()
            if one > 0 and fixed.get(entity) is not None}
