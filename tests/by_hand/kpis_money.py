"""Cash, burn, receivables and payments by hand. Start at test_harbor.py."""

from datetime import timedelta
from decimal import Decimal
from math import floor

from kpis import DATE, MONEY, NUMBER, half_up, kpi
from records import complete_months, each, last, mean

DAYS_PER_MONTH = Decimal("30.4375")


def posted(books, night):
    return [line for line in books.lines if line.on <= night]


def sums(books, night, total, held):
    """Cash and what of it is held for others, per entity, and of the portfolio as the sum of its entities."""
    parts = each(posted(books, night), lambda lines: (
        sum(line.amount for line in lines if line.cash),
        # Shown as a liability, or as an account of its own: two sides of one thing.
        max(-sum(line.amount for line in lines if line.restricted and not line.cash),
            sum(line.amount for line in lines if line.restricted and line.cash), 0)))
    parts.pop(None, None)
    values = {entity: total * part[0] + held * part[1] for entity, part in parts.items()}
    return values | {None: sum(values.values())} if values else {}


@kpi("cash.total", MONEY)
def cash(books, night):
    return sums(books, night, total=1, held=0)


@kpi("cash.unrestricted", MONEY)
def unrestricted(books, night):
    return sums(books, night, total=1, held=-1)


@kpi("deposits.held", MONEY)
def held_for_others(books, night):
    return sums(books, night, total=0, held=1)


def burn(books, night):
    """Operating cash out, and out less in, as means of up to three complete months that the ledger covers; at least two."""
    lines = [line for line in posted(books, night) if line.cash]
    if not lines:
        return None
    first, end = min(line.on for line in lines), max(line.on for line in lines)
    months = [month for month in complete_months(3, night) if month.last >= first and month.first <= end]
    if len(months) < 2 or end < complete_months(1, night)[0].first:
        return None
    moved = [line.amount for line in lines if line.kind == "operating" and any(line.on in month for month in months)]
    return -sum(amount for amount in moved if amount < 0) / len(months), -sum(moved) / len(months)


@kpi("burn.gross", MONEY)
def gross_burn(books, night):
    return {None: (burn(books, night) or (None, None))[0]}


@kpi("burn.net", MONEY)
def net_burn(books, night):
    return {None: (burn(books, night) or (None, None))[1]}


def runway(books, night):
    """Months until unrestricted cash is at the floor; none where nothing is burnt."""
    burnt = burn(books, night)
    if burnt is None or burnt[1] <= 0:
        return None
    return max((unrestricted(books, night)[None] - books.cash_floor) / burnt[1], Decimal(0))


@kpi("runway.months", NUMBER)
def runway_months(books, night):
    months = runway(books, night)
    return {None: None if months is None else half_up(months, Decimal("0.1"))}


@kpi("runway.date", DATE)
def runway_date(books, night):
    months = runway(books, night)
    return {None: None if months is None else night + timedelta(days=floor(months * DAYS_PER_MONTH))}


def fixed_by_entity(books, night):
    """Fixed cost a month: the mean of those of the last three complete months that the entity's ledger covers; at least two."""
    def monthly(lines):
        first, end = min(line.on for line in lines), max(line.on for line in lines)
        months = [month for month in complete_months(3, night) if month.last >= first and month.first <= end]
        fixed = sum(line.amount for line in lines if line.type == "fixed" and any(line.on in month for month in months))
        return fixed / len(months) if len(months) >= 2 else None

    parts = each(posted(books, night), monthly)
    parts.pop(None, None)
    return parts


@kpi("cash.fixed_monthly", MONEY)
def fixed_monthly(books, night):
    parts = fixed_by_entity(books, night)
    known = [cost for cost in parts.values() if cost is not None]
    return parts | {None: sum(known) if known else None}


def open_amount(invoice, night):
    return invoice.amount - invoice.paid - invoice.credit if invoice.issued <= night else Decimal(0)


@kpi("receivables.open", MONEY)
def receivables(books, night):
    return each(books.invoices, lambda those: sum(open_amount(i, night) for i in those))


@kpi("receivables.overdue", MONEY)
def overdue(books, night):
    """An overpayment is not overdue."""
    return each(books.invoices, lambda those: sum(max(open_amount(i, night), 0) for i in those if i.due < night))


@kpi("receivables.dso", NUMBER)
def days_of_sales_outstanding(books, night):
    def days(those):
        billed = sum(i.amount for i in those if i.issued in last(90, night))
        return half_up(sum(open_amount(i, night) for i in those) / billed * 90) if billed else None

    return each(books.invoices, days)


@kpi("payments.received_30d", MONEY)
def received(books, night):
    return each(books.payments, lambda those: sum(max(p.amount, 0) for p in those if p.on in last(30, night)))


@kpi("payments.refunds_30d", MONEY)
def refunded(books, night):
    return each(books.payments, lambda those: sum(max(-p.amount, 0) for p in those if p.on in last(30, night)))


@kpi("billing.payment_days", NUMBER)
def days_to_payment(books, night):
    paid = [i for i in books.invoices if i.paid_on in last(365, night)]
    return each(paid, lambda those: half_up(mean((i.paid_on - i.issued).days for i in those)))
