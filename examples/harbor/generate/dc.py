"""DangerousCentaur: web clients on retainers. What is contracted is not all invoiced, what is invoiced is not all paid."""

from datetime import date, timedelta

import mess
from core import END, Row, months, rng

# client: monthly cents as contracted, monthly cents as invoiced (0: forgotten), share of invoices that get paid, start, status
CLIENTS = {
    "bakery": (45_000, 45_000, 1.0, date(2024, 6, 1), "active"),
    "dive-shop": (60_000, 60_000, 0.9, date(2024, 9, 1), "active"),
    "law-office": (95_000, 80_000, 1.0, date(2024, 10, 1), "active"),  # still billed at the old price
    "surf-school": (40_000, 40_000, 0.7, date(2025, 2, 1), "active"),
    "dentist": (75_000, 75_000, 0.95, date(2025, 3, 1), "active"),
    "taqueria": (35_000, 0, 0, date(2025, 6, 1), "active"),  # never invoiced
    "yacht-broker": (120_000, 120_000, 0.3, date(2025, 5, 1), "active"),
    "brewery": (65_000, 65_000, 0.5, date(2025, 8, 1), "active"),
    "realtor": (80_000, 0, 0, date(2026, 3, 1), "active"),  # never invoiced
    "yoga-studio": (30_000, 30_000, 0.8, date(2025, 9, 1), "active"),
    "plumber": (55_000, 40_000, 1.0, date(2025, 10, 1), "active"),
    "gallery": (50_000, 50_000, 0.6, date(2026, 1, 1), "active"),
    "florist": (30_000, 30_000, 1.0, date(2024, 3, 1), "ended"),
    "food-truck": (25_000, 25_000, 0.9, date(2025, 1, 1), "paused"),
}
ENDED = {"florist": date(2025, 12, 31), "food-truck": date(2026, 6, 30)}
ONE_OFFS = [
    ("bakery", "menu relaunch", 240_000, date(2025, 4, 10)),
    ("gallery", "shop", 380_000, date(2026, 2, 1)),
    ("dentist", "booking page", 165_000, date(2025, 11, 5)),
    ("brewery", "tour page", 120_000, date(2026, 7, 20)),
]
LAWYER = {date(2026, 8, 1): 240_000, date(2026, 9, 1): 120_000}
WHEN = [mess.iso_day, mess.us_day, mess.iso_utc, mess.epoch]


def build(ledger):
    random_ = rng("dc")
    clients, contracts, invoices, work = [], [], [], []
    for name, (monthly, billed, pays, start, status) in CLIENTS.items():
        clients.append(
            Row(
                {
                    "id": f"client-{name}",
                    "name": name.replace("-", " ").title(),
                    "since": mess.era(mess.at(start), WHEN),
                    "contact": {"email": f"{name}@example.com", "name": mess.person(random_, 0.1)},
                    "status": status,
                    "domains": {f"{name}.example.com", f"www.{name}.example.com"},
                }
            )
        )
        contract = {
            "id": f"c-{name}",
            "client": f"client-{name}",
            "status": random_.choice([status, status.upper()]),
            "start": mess.era(mess.at(start), WHEN),
            "terms": {"interval": "month", "price": mess.money(random_, monthly), "net_days": 30},
        }
        if name in ENDED:
            contract["end"] = mess.iso_day(mess.at(ENDED[name]))
        if name == "law-office":  # an annual price: the view divides by 12
            contract["terms"] |= {"interval": "year", "price": mess.dollars(monthly * 12)}
        contracts.append(Row(contract))
        stop = ENDED.get(name, END)
        for month in months(max(start, date(2024, 11, 1)), stop):
            if billed and month >= date(2024, 12, 1):
                invoices.append(invoice(ledger, random_, name, month, billed, pays))
            work += hours(random_, name, month, stop, billable=True)
    for name, what, total, start in ONE_OFFS:
        terms = {"interval": "once", "price": mess.dollars(total), "net_days": 30}
        contracts.append(
            Row(
                {
                    "id": f"c-{name}-{what.replace(' ', '-')}",
                    "client": f"client-{name}",
                    "status": "ended" if start.year < 2026 else "active",
                    "start": mess.iso_day(mess.at(start)),
                    "terms": terms,
                },
                since=start,
            )
        )
        invoices.append(invoice(ledger, random_, name, start, total, 1.0, what))
    for month in months(date(2025, 6, 1)):  # work without a contract
        work += hours(random_, "chapel", month, END, billable=False)
    running_costs(ledger, random_)
    work.sort(key=lambda row: row.since)
    for number, row in enumerate(work, 1):
        row.item = {"id": f"w-{number:05d}"} | row.item
    return {"dc-clients": clients, "dc-contracts": contracts, "dc-invoices": invoices, "dc-work": work}


def invoice(ledger, random_, name, issued, cents, pays, what="retainer"):
    number = f"{issued:%Y%m%d}-{name}-{what.split()[0]}"
    due = issued + timedelta(days=30)
    paid_on = issued + timedelta(days=random_.choice([12, 25, 33, 41, 58]))
    ledger.post(issued, "dc", f"invoice {number}", [("1100", cents), ("4010", -cents)], counterparty=name)
    item = {
        "id": f"inv-{number}",
        "client": f"client-{name}",
        "contract": f"c-{name}" if what == "retainer" else f"c-{name}-{what.replace(' ', '-')}",
        "issued": mess.era(mess.at(issued), WHEN, 200),
        "due": mess.iso_day(mess.at(due)),
        "lines": [{"text": what, "qty": 1, "price": mess.money(random_, cents)}],
        "amount": mess.money(random_, cents),
        "state": "open",
        "paid_amount": None,
    }
    changed = None
    if random_.random() < pays and paid_on <= END:
        ledger.post(paid_on, "dc", f"received {number}", [("1010", cents), ("1100", -cents)], counterparty=name)
        changed = paid_on
        item |= {"state": "paid", "paid_amount": mess.money(random_, cents), "paid_on": mess.era(mess.at(paid_on), WHEN, 200)}
    elif random_.random() < 0.03:
        credit = cents // 5
        ledger.post(due, "dc", f"credit {number}", [("4010", credit), ("1100", -credit)], counterparty=name)
        item["credit"] = mess.plain(credit)
    return Row(item, since=issued, changed=changed, was={"state": "open", "paid_on": None})


def hours(random_, name, month, stop, billable):
    for _ in range(random_.randint(3, 6)):
        day = month + timedelta(days=random_.randrange(28))
        if date(2024, 11, 21) <= day <= stop:
            length = random_.choice([0.5, 1, 1.25, 2, 3.5])
            item = {
                "client": f"client-{name}",
                "day": mess.era(mess.at(day), WHEN, 60),
                "hours": random_.choice([length, str(length)]),
                "what": random_.choice(["content", "bugfix", "hosting", "seo", "call", "<b>urgent</b> fix"]),
                "billable": billable if random_.random() < 0.8 else random_.choice(["yes", "y"] if billable else ["no", "n"]),
                "rate": random_.choice([85, "85.00", "$85"]),
            }
            if billable:
                item["contract"] = f"c-{name}"
            yield Row(item, since=day)


def running_costs(ledger, random_):
    for month in months():
        day = max(month, date(2024, 11, 21))
        ledger.pay(day + timedelta(days=7), "dc", "5060", random_.randint(320_000, 350_000), "contract developers", "contractors")
        ledger.pay(
            day + timedelta(days=3),
            "dc",
            "7060",
            41_000 + random_.randint(0, 2_500),
            "software for the holding",
            None,
            random_.random() > 0.1,
        )
        ledger.pay(day + timedelta(days=2), "dc", "7090", 45_000, "bookkeeper and tax", "accountant")
        if month in LAWYER:
            ledger.pay(day + timedelta(days=16), "dc", "7090", LAWYER[month], "lawyer: certificate", "lawyer")
