"""What a business records, in the field's own terms, and the helpers that every figure is made with. Start at test_harbor.py."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple


class Booking(NamedTuple):
    entity: str
    booked: date | None  # the day of the booking
    start: date | None  # the day of service, or of arrival
    end: date | None  # the day of departure
    status: str | None  # booked, completed, cancelled or no_show
    channel: str | None
    customer: str | None
    price: Decimal | None  # after discount; None: nobody wrote it down
    commission: Decimal | None = None
    cost: Decimal | None = None  # crew, captain, port fee, ...: what only this booking costs
    nights: int | None = None
    number: str | None = None
    refundable: bool = True  # the deposit


class Lead(NamedTuple):
    entity: str
    created: date | None
    step: str  # enquiry, quote, won or lost
    quoted: bool
    value: Decimal | None


class Invoice(NamedTuple):
    entity: str
    customer: str
    contract: str | None
    issued: date
    due: date
    paid_on: date | None
    amount: Decimal
    paid: Decimal
    credit: Decimal


class Payment(NamedTuple):
    entity: str
    on: date
    amount: Decimal  # a refund is negative
    booking: str | None = None


class Job(NamedTuple):
    entity: str
    quoted: date | None
    won: date | None
    done: date | None
    invoiced: date | None
    status: str  # quoted, open, done, lost or cancelled
    price: Decimal | None
    cost: Decimal | None


class Hours(NamedTuple):
    entity: str
    on: date
    customer: str
    hours: Decimal


class Contract(NamedTuple):
    entity: str
    number: str
    customer: str
    status: str
    starts: date
    ends: date | None
    monthly: Decimal | None  # None: a one-off


class Campaign(NamedTuple):
    entity: str
    sent: date | None
    size: int | None
    delivered: int | None
    revenue: Decimal | None


class Channel(NamedTuple):
    entity: str
    kind: str
    live: bool
    potential: Decimal | None


class Mailable(NamedTuple):
    entity: str
    consent: bool
    reachable: bool


class Line(NamedTuple):
    """A journal line, debit positive, with what the chart says of its account (type None: undeclared)."""

    entity: str
    transaction: str
    on: date
    account: str
    amount: Decimal
    kind: str
    receipt: bool
    type: str | None
    cash: bool
    restricted: bool


@dataclass
class Books:
    """All that a portfolio has on record. A list that stays empty was never kept, so its figures are not known."""

    kinds: dict
    cash_floor: Decimal = Decimal(0)
    units: dict = field(default_factory=dict)
    bookings: list = field(default_factory=list)
    leads: list = field(default_factory=list)
    invoices: list = field(default_factory=list)
    payments: list = field(default_factory=list)
    jobs: list = field(default_factory=list)
    hours: list = field(default_factory=list)
    tickets: list = field(default_factory=list)  # of maintenance: (entity, open or not)
    contracts: list = field(default_factory=list)
    campaigns: list = field(default_factory=list)
    channels: list = field(default_factory=list)
    mailable: list = field(default_factory=list)
    lines: list = field(default_factory=list)

    def of_kind(self, kind, items):
        return [item for item in items if self.kinds[item.entity] == kind]


@dataclass(frozen=True)
class Days:
    first: date
    last: date

    def __contains__(self, day):
        return day is not None and self.first <= day <= self.last


def last(count, night):
    return Days(night - timedelta(days=count - 1), night)


def month_to_date(night):
    return Days(night.replace(day=1), night)


def complete_months(count, night):
    """The last months that are over, latest first. One that ends with this night is over."""
    months, end = [], night
    if (night + timedelta(days=1)).day != 1:
        end = night.replace(day=1) - timedelta(days=1)
    while len(months) < count:
        months.append(Days(end.replace(day=1), end))
        end = end.replace(day=1) - timedelta(days=1)
    return months


def each(items, figure):
    """The figure of every entity that has items, and (None) of the portfolio, which has them all."""
    parts = {}
    for item in items:
        parts.setdefault(item.entity, []).append(item)
    if items:
        parts[None] = list(items)
    return {entity: figure(part) for entity, part in parts.items()}


def ratio(part, whole):
    return Decimal(part) / Decimal(whole) if whole else None


def mean(values):
    values = list(values)
    return ratio(sum(values), len(values))


def total(amounts):
    """The sum of what is known. Of nothing it is zero; where there is something and no amount is known, it is not known."""
    amounts = list(amounts)
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known or not amounts else None
