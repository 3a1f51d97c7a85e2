"""The month's close, and profit and loss by the ledger, by hand. Start at test_harbor.py."""

from kpis import COUNT, MONEY, kpi
from kpis_money import posted
from records import each, last, month_to_date

EXPENSES = {"direct_cost", "commission", "marketing", "fixed"}


@kpi("close.unbalanced", COUNT)
def unbalanced(books, night):
    balance = {}
    for line in posted(books, night):
        balance[line.transaction] = balance.get(line.transaction, 0) + line.amount
    return {None: sum(amount != 0 for amount in balance.values()) if balance else None}


@kpi("close.uncategorised", COUNT)
def uncategorised(books, night):
    return each(posted(books, night), lambda lines: sum(line.type in {None, "suspense"} for line in lines))


@kpi("close.suspense", MONEY)
def suspense(books, night):
    def off(lines):
        balance = {}
        for line in lines:
            if line.type == "suspense":
                balance[line.account] = balance.get(line.account, 0) + line.amount
        return sum(map(abs, balance.values()))

    return each(posted(books, night), off)


@kpi("close.missing_receipts", MONEY)
def without_receipt(books, night):
    spent = [line for line in posted(books, night) if line.type in EXPENSES]
    return each(spent, lambda lines: sum(
        max(line.amount, 0) for line in lines if line.on in last(90, night) and not line.receipt))


@kpi("pl.net_revenue_mtd", MONEY)
def revenue_by_ledger(books, night):
    """Income is a credit: its sign is turned."""
    if max((line.on for line in posted(books, night)), default=night) < month_to_date(night).first:
        return {}
    result = [line for line in posted(books, night) if line.type in EXPENSES | {"income", "depreciation", "interest", "tax"}]
    return each(result, lambda lines: -sum(
        line.amount for line in lines if line.type == "income" and line.on in month_to_date(night)))


@kpi("pl.ebitda_ttm", MONEY)
def ebitda(books, night):
    year = last(365, night)
    result = [line for line in posted(books, night) if line.type in EXPENSES | {"income"} and line.on in year]
    return each(result, lambda lines: -sum(line.amount for line in lines))
