"""What the businesses share: opening balances, payroll, loans, depreciation, treasury, equity, budgets."""

from datetime import date, timedelta

import mess
from core import END, Row, days, months, next_month, rng

OPENING = date(2024, 11, 21)
OPENING_CASH = {"jada": 3_450_000, "qos": 620_000, "qdn": 1_340_000, "dc": 1_420_000, "rental": 1_425_000, "eyd": 410_000}
CLOSING_CASH = {"jada": 1_486_512, "qos": 854_077, "qdn": 318_290, "dc": 542_635, "rental": 911_940, "eyd": 108_406}
PROPERTY = {  # number, cost, what
    "jada": [("1510", 18_500_000, "vessel")],
    "qdn": [("1500", 4_150_000, "truck and four trailers")],
    "rental": [("1510", 64_000_000, "house")],
    "qos": [("1500", 780_000, "sound gear")],
}
DEBT = {"jada": 9_640_000, "rental": 41_200_000}
PAYROLL = {"jada": (69_000, "office"), "qdn": (124_000, "driver"), "dc": (152_000, "operations")}
LEVELS = {
    "jada": (900_000, 4_200_000),
    "qos": (150_000, 1_400_000),
    "qdn": (300_000, 1_500_000),
    "dc": (650_000, 1_700_000),
    "rental": (700_000, 2_600_000),
    "eyd": (320_000, 700_000),
}


def post(ledger, cloud_bills):
    random_ = rng("shared")
    opening(ledger)
    for day in days(date(2024, 11, 29), END):
        if day.weekday() == 4 and (day - date(2024, 11, 29)).days % 14 == 0:
            for entity, (gross, who) in PAYROLL.items():
                ledger.payroll(day, entity, gross, who)
    for month in months():
        middle = month.replace(day=15)
        if OPENING < middle <= END:
            for entity in PAYROLL:
                ledger.remit(middle, entity, "2300", "payroll withholdings", "tax office")
            interest = 52_000 + random_.randint(0, 500)
            ledger.post(
                middle,
                "jada",
                "vessel loan",
                [("2510", 61_000), ("7950", interest), ("1010", -61_000 - interest)],
                "loan",
                "bank",
            )
        last = next_month(month) - timedelta(days=1)
        for entity, cents in (
            ("jada", 128_000),
            ("qdn", 57_000),
            ("rental", 172_000),
            ("qos", 13_000),
        ):
            if last <= END:
                ledger.post(last, entity, f"depreciation {month:%Y-%m}", [("7900", cents), ("1590", -cents)])
        reserve = month.replace(day=5)
        if reserve > OPENING and month < date(2026, 8, 1):  # saving for the certificate stopped in August
            ledger.post(reserve, "jada", "certificate reserve", [("1020", 15_000), ("1010", -15_000)], "transfer")
    for day, cents in cloud_bills:
        ledger.pay(day, "dc", "7065", cents, f"cloud hosting {day - timedelta(days=5):%Y-%m}", "cloud provider")
    treasury(ledger)


def opening(ledger):
    for entity, cash in OPENING_CASH.items():
        lines = [("1010", cash)] + [(number, cost) for number, cost, _ in PROPERTY.get(entity, [])]
        lines.append(("2510", -DEBT.get(entity, 0)))
        short = 25_000 if entity == "qos" else 0  # never cleared from the opening account
        total = sum(cents for _, cents in lines)
        lines += [("3000", -(total - short)), ("3900", -short)]
        ledger.post(OPENING, entity, "opening balances", lines, "opening")


def treasury(ledger):
    """Month by month: draws where there is plenty, transfers or an owner's loan where there is little.

    The last time, on 2 November 2026, settles each bank at what README.md says it holds at the end.
    """
    moved = {entity: 0 for entity in LEVELS}
    daily = {entity: cash_by_day(ledger, entity) for entity in LEVELS}
    for month in list(months())[2:-1]:
        day = month.replace(day=2)
        for entity, (low, high) in LEVELS.items():
            balance = sum(cents for on, cents in daily[entity].items() if on <= day) + moved[entity]
            if balance > high:
                draw(ledger, day, entity, (balance - high) // 10_000 * 10_000, moved)
            elif balance < low:
                lift = (low - balance) // 10_000 * 10_000 + 50_000
                lender = "jada" if entity not in ("jada", "rental") and month < date(2026, 8, 1) else None
                fund(ledger, day, entity, lift, lender, moved)
    day = date(2026, 11, 2)
    for entity, closing in CLOSING_CASH.items():
        gap = closing - sum(daily[entity].values()) - moved[entity]
        if gap < 0:
            draw(ledger, day, entity, -gap, moved)
        else:
            fund(ledger, day, entity, gap, None, moved)


def cash_by_day(ledger, entity):
    found = {}
    for day, owner, _, lines, *_ in ledger.entries:
        if owner == entity:
            found[day] = found.get(day, 0) + sum(cents for number, cents in lines if number == "1010")
    return found


def draw(ledger, day, entity, cents, moved):
    ledger.post(day, entity, "owner draw", [("3100", cents), ("1010", -cents)], "draw", "owner")
    moved[entity] -= cents


def fund(ledger, day, entity, cents, lender, moved):
    if lender is None:
        ledger.post(day, entity, "owner loan", [("1010", cents), ("2520", -cents)], "loan", "owner")
    else:
        ledger.post(day, lender, f"loan to {entity}", [("1300", cents), ("1010", -cents)], "transfer", entity)
        ledger.post(day, entity, f"loan from {lender}", [("1010", cents), ("2600", -cents)], "transfer", lender)
        moved[lender] -= cents
    moved[entity] += cents


def equity():
    """Who holds what. JADA's shares, the dearest, were never written down; one share was never agreed."""
    holdings = [
        ("jada", "founder", "55%", False, "2024-12-31"),
        ("jada", "captain", "0.25", False, "2024-12-31"),
        ("jada", "investor", "20 %", True, "2023-06-01"),
        ("qos", "founder", "70%", True, "12/31/2024"),
        ("qos", "event partner", "0.30", True, "12/31/2024"),
        ("qdn", "founder", "1.0", True, "2022-03-15"),
        ("dc", "founder", "60%", True, "2021-01-10"),
        ("dc", "lead developer", "40%", True, "2024-12-31"),
        ("rental", "founder", "100%", True, "2019-08-01"),
        ("eyd", "founder", "50%", True, "2022-11-05"),
        ("eyd", "captain", "to be agreed", False, None),
    ]
    for number, (entity, holder, share, documented, as_of) in enumerate(holdings, 1):
        item = {
            "id": f"eq-{number:02d}",
            "entity": entity,
            "holder": holder,
            "share": share,
            "signed": "yes" if documented else "no",
        }
        yield Row(item | ({"as_of": as_of} if as_of else {}))


PLAN = {  # monthly, in dollars: revenue, direct_cost, commission, marketing, fixed, units
    "jada": (14_000, 3_600, 1_300, 300, 6_250, 8),
    "qos": (7_500, 1_900, 500, 0, 720, 4),
    "qdn": (9_500, 3_100, 0, 700, 3_900, 30),
    "dc": (7_500, 2_900, 0, 0, 2_900, 12),
    "rental": (5_600, 850, 520, 0, 900, 7),
    "eyd": (2_800, 1_200, 0, 0, 260, 2),
}
SEASON = [0.5, 0.55, 0.7, 0.85, 1.0, 1.25, 1.5, 1.45, 1.2, 0.95, 0.8, 0.9]
LINES = ["revenue", "direct_cost", "commission", "marketing", "fixed", "units"]


def budgets():
    """Plan by month to December 2026; lines spelled as people type them."""
    random_ = rng("budgets")
    for entity, plan in PLAN.items():
        for month in months(date(2025, 1, 1), date(2026, 12, 1)):
            for line, dollars in zip(LINES, plan):
                seasonal = line != "fixed" and entity in ("jada", "qos", "rental")
                cents = round(dollars * 100 * (SEASON[month.month - 1] if seasonal else 1) / 100) * 100
                amount = round(cents / 100) if line == "units" else mess.money(random_, cents)
                spelled = random_.choice([line, line, line.replace("_", " ").title()])
                when = month.strftime("%Y-%m") if month.year == 2025 else mess.iso_day(mess.at(month))
                yield Row(
                    {"id": f"{entity}-{month:%Y-%m}-{line}", "entity": entity, "month": when, "line": spelled, "amount": amount}
                )
