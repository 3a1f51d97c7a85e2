"""Harbor's ledger, invoices, payments and contracts, straight from its raw tables; `read` puts all of it together.

Start at test_harbor.py. examples/harbor/README.md says what the tables are.
"""

import tomllib
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import harbor_sales as sales
from cells import day, money, owed, table, yes
from records import Books, Contract, Hours, Invoice, Line, Payment


def ledger(tables, zone):
    """Three generations of writers: a signed `amount` under `date` or `posted_on`, `debit` and `credit` under `posted_at`."""
    chart = {row["id"]: row for row in table(tables, "ledger-accounts")}
    for row in table(tables, "ledger-transactions"):
        amount = money(row["amount"]) if "amount" in row else owed(row.get("debit")) - owed(row.get("credit"))
        posted = next(row[key] for key in ("posted_on", "posted_at", "date") if key in row)
        account = chart.get(row["account"], {})
        yield Line(row["entity"], row["PK"], day(posted, zone), row["account"], amount, row.get("kind", row.get("type")).lower(),
                   yes(row.get("receipt")), account.get("type"), yes(account.get("cash")), yes(account.get("restricted")))


def invoices(tables, zone):
    for row in table(tables, "dc-invoices"):
        yield Invoice("dc", row["client"], row["contract"], day(row["issued"], zone), day(row["due"], zone),
                      day(row.get("paid_on"), zone), money(row["amount"]), owed(row.get("paid_amount")), owed(row.get("credit")))
    for row in table(tables, "qdn-invoices"):
        yield Invoice("qdn", row["customer"], None, day(row["issued"], zone), day(row["due"], zone),
                      day(row.get("paid_at"), zone), money(row["total"]), owed(row.get("paid")), Decimal(0))
    for row in table(tables, "eyd-jobs"):
        if paper := row.get("invoice"):
            # Nobody wrote down when a delivery is to be paid: two weeks, as the portfolio has it.
            issued = day(paper["on"], zone)
            yield Invoice("eyd", row["owner"], None, issued, issued.fromordinal(issued.toordinal() + 14),
                          day(paper.get("paid_on"), zone), money(paper["amount"]), owed(paper.get("paid")), Decimal(0))


def payments(tables, zone):
    for row in table(tables, "jada-calendar"):
        # Before March 2025 only the deposit was written down.
        if "payments" not in row and "deposit" in row:
            yield Payment("jada", day(row["booked_at"], zone), money(row["deposit"]), row["id"])
        for paid in row.get("payments", []):
            yield Payment("jada", day(paid["at"], zone), money(paid["amount"]), row["id"])
    for row in table(tables, "dc-invoices"):
        if "paid_amount" in row:
            yield Payment("dc", day(row["paid_on"], zone), money(row["paid_amount"]))
    for row in table(tables, "qdn-invoices"):
        if "paid" in row:
            yield Payment("qdn", day(row["paid_at"], zone), money(row["paid"]), row["job"])
    for row in table(tables, "rental-reservations"):
        deposit = owed(row.get("deposit"))
        if "paid_at" in row:
            # What the guest still owed, less the platform's fee; with the tax, which the platform passes on.
            rest = money(row["gross"]) + owed(row.get("cleaning_fee")) + owed(row.get("tax")) - owed(row.get("fee")) - deposit
            yield Payment("rental", day(row["paid_at"], zone), rest, row["id"])
        if deposit:
            yield Payment("rental", day(row["booked"], zone), deposit, row["id"])
        if "refunded_at" in row:
            yield Payment("rental", day(row["refunded_at"], zone), -deposit, row["id"])


def contracts(tables, zone):
    for row in table(tables, "dc-contracts"):
        price, months = money(row["terms"]["price"]), {"month": 1, "year": 12}.get(row["terms"]["interval"])
        yield Contract("dc", row["id"], row["client"], row["status"].lower(), day(row["start"], zone), day(row.get("end"), zone),
                       round(price / months, 2) if months else None)


def hours(tables, zone):
    for row in table(tables, "dc-work"):
        yield Hours("dc", day(row["day"], zone), row["client"], money(row["hours"]))


def tickets(tables):
    for row in table(tables, "rental-maintenance"):
        yield SimpleNamespace(entity="rental", open=row["status"] == "open")


def read(portfolio):
    """All of harbor's records, from the folder of the portfolio."""
    portfolio = Path(portfolio)
    settings = tomllib.loads((portfolio / "portfolio.toml").read_text(encoding="utf-8"))
    zone, tables, handoffs = ZoneInfo(settings["timezone"]), portfolio / "tables", portfolio / "handoffs"
    kinds = {entity["id"]: entity["kind"] for entity in settings["entities"]}
    charters, enquiries = sales.charters_of_jada(tables, zone)
    hauls, haul_jobs = sales.jobs_of_qdn(tables, zone)
    deliveries, asked, delivery_jobs = sales.deliveries_of_eyd(tables, zone)
    return Books(
        kinds=kinds, cash_floor=Decimal(settings["parameters"]["cash_floor"]), units=sales.units(handoffs),
        bookings=[*charters, *hauls, *deliveries, *sales.events_of_qos(tables, zone), *sales.stays(tables, zone)],
        leads=[*enquiries, *asked, *sales.threads_of_qdn(tables, zone)], jobs=[*haul_jobs, *delivery_jobs],
        campaigns=list(sales.campaigns(tables, zone)), mailable=list(sales.mailable(tables)),
        channels=list(sales.channels(handoffs, kinds)), lines=list(ledger(tables, zone)),
        invoices=list(invoices(tables, zone)), payments=list(payments(tables, zone)),
        contracts=list(contracts(tables, zone)), hours=list(hours(tables, zone)), tickets=list(tickets(tables)))
