"""Harbor's figures in plain Python, straight from the generated tables: what the product's figures are held against.

    python3 examples/harbor/generate && python3 examples/harbor/figures.py

Reads the files, not the generator, and shares no code with either it or the catalog's SQL. README.md explains each figure.
"""

import json
import math
import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).parent
AS_OF = date(2026, 11, 20)
LAST_THREE = [(2026, 8), (2026, 9), (2026, 10)]  # the last three complete months


def rows(kind, name):
    for line in (HERE / kind / f"{name}.ndjson").open(encoding="utf-8"):
        item = json.loads(line)
        yield {key: plain(value) if typed(item) else value for key, value in item.items()}


def typed(item):
    """Whether an item is in DynamoDB's own JSON."""
    tags = {"S", "N", "BOOL", "NULL", "M", "L", "SS", "B"}
    return all(isinstance(value, dict) and len(value) == 1 and set(value) <= tags for value in item.values())


def plain(value):
    ((tag, inner),) = value.items()
    if tag == "M":
        return {key: plain(each) for key, each in inner.items()}
    if tag == "L":
        return [plain(each) for each in inner]
    return None if tag == "NULL" else inner


def money(value):
    try:
        return Decimal(re.sub(r"[$,]", "", str(value)))
    except ArithmeticError:
        return None


def day(value):
    text = str(value)
    if re.fullmatch(r"\d{10}|\d{13}", text):
        seconds = int(text[:10])
        return (datetime.fromtimestamp(seconds, timezone.utc) - timedelta(hours=8)).date()  # noon survives an hour of summer time
    if "/" in text:
        month, day_, year = map(int, text.split("/"))
        return date(year, month, day_)
    if text.endswith("Z"):
        return (datetime.fromisoformat(text) - timedelta(hours=8)).date()
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def yes(value):
    return str(value).lower() in {"true", "yes", "y", "1"}


def journal():
    for row in rows("tables", "ledger-transactions"):
        amount = row.get("amount")
        cents = money(amount) if amount is not None else money(row.get("debit", 0)) - money(row.get("credit", 0))
        kind = (row.get("kind") or row.get("type")).lower()
        posted = day(row.get("posted_on") or row.get("posted_at") or row.get("date"))
        yield row["PK"], row["entity"], posted, row["account"], cents, kind


def cash_and_burn():
    accounts = {row["id"]: row for row in rows("tables", "ledger-accounts")}
    cash = {key for key, row in accounts.items() if yes(row.get("cash"))}
    held = {key for key, row in accounts.items() if yes(row.get("restricted"))}
    lines = list(journal())
    unrestricted = sum(amount for *_, account, amount, _ in lines if account in cash | held)
    burn = -sum(
        amount
        for _, _, posted, account, amount, kind in lines
        if account in cash and kind == "operating" and (posted.year, posted.month) in LAST_THREE
    )
    sums = Counter()
    for key, _, _, _, amount, _ in lines:
        sums[key] += amount
    return {
        "cash.unrestricted": unrestricted,
        "burn.net": burn / 3,
        "transactions that do not balance": sum(1 for total in sums.values() if total),
    }


def charters():
    """Both charter businesses: completed in the last three complete months, with a price."""
    sold = []
    for row in rows("tables", "jada-calendar"):
        served = day(row.get("charter_date"))
        if str(row.get("status")).lower() in {"completed", "done"} and served and (served.year, served.month) in LAST_THREE:
            price = money(row["gross_revenue"]) - money(row.get("discount", 0))
            port = (price * Decimal(str(row["port_fee_percent"]).rstrip("%")) / 100).quantize(Decimal("0.01"))
            variable = money(row.get("commission", 0)) + money(row["crew_cost"]) + money(row["captain_cost"]) + port
            sold.append((price, variable))
    for row in rows("tables", "scc-events"):
        if row["SK"] == "META" and row["state"] == "SAILED" and "money" in row:
            served, paid = day(row["starts_at"]), row["money"]
            if (served.year, served.month) in LAST_THREE:
                sold.append((money(paid["gross"]), sum(money(paid[key]) for key in ("crew", "captain", "port", "commission"))))
    types = {row["id"]: row["type"] for row in rows("tables", "ledger-accounts")}
    fixed = sum(
        amount
        for _, entity, posted, account, amount, _ in journal()
        if entity in {"jada", "qos"} and types.get(account) == "fixed" and (posted.year, posted.month) in LAST_THREE
    )
    contribution = sum(price - variable for price, variable in sold) / len(sold)
    return {"charters.contribution": contribution, "charters.break_even_units": math.ceil(fixed / 3 / contribution)}


def agency():
    contracted = Decimal(0)
    for row in rows("tables", "dc-contracts"):
        terms = row["terms"]
        if row["status"].lower() == "active" and terms["interval"] != "once":
            contracted += money(terms["price"]) / (12 if terms["interval"] == "year" else 1)
    invoiced, paid = Counter(), Counter()
    for row in rows("tables", "dc-invoices"):
        issued = day(row["issued"])
        invoiced[issued.year, issued.month] += money(row["amount"]) - money(row.get("credit", 0))
        paid[issued.year, issued.month] += money(row["paid_amount"]) if row["paid_amount"] else 0
    month = LAST_THREE[-1]
    return {"mrr": contracted, "agency: invoiced in October": invoiced[month], "agency: of it paid": paid[month]}


def funnel():
    threads = defaultdict(lambda: ([], set()))
    for row in rows("tables", "qdn-messages"):
        moments, steps = threads[row["PK"]]
        moments.append(day(row["at"]))
        steps.add(str(row.get("stage", "")).lower())
    recent = [steps for moments, steps in threads.values() if AS_OF - timedelta(days=89) <= min(moments) <= AS_OF]
    quoted, won = (sum(step in steps for steps in recent) for step in ("quote", "won"))
    return {"hauling: enquiries in 90 days": len(recent), "hauling: quoted": quoted, "hauling: won": won}


def cloud():
    months = Counter()
    for row in rows("inventory", "cost_daily"):
        months[row["day"][:7]] += Decimal(row["amount"])
    complete = [total for month, total in months.items() if "2025-10" <= month <= "2026-10"]
    return {"cloud: cheapest month": min(complete), "cloud: dearest month": max(complete)}


def mailing_list():
    guests = [row for row in rows("tables", "qos-guests") if yes(row["consent"])]
    reachable = sum(not yes(row.get("bounced")) for row in guests)
    return {"people on the list": len(guests), "of them reachable": reachable}


def main():
    for part in (cash_and_burn, charters, agency, funnel, cloud, mailing_list):
        for name, value in part().items():
            print(f"{name:36}{value:>12,.2f}" if isinstance(value, Decimal) else f"{name:36}{value:>12,}")


if __name__ == "__main__":
    main()
