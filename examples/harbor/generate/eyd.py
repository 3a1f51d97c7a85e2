"""Expert Yacht Delivery: a handful of jobs a month, paid into a private account, so the books show only its costs."""

from datetime import date, timedelta

import mess
from core import END, Row, months, rng, spread

JOBS = {2024: [0] * 10 + [1, 1], 2025: [1, 1, 2, 3, 3, 3, 3, 2, 3, 2, 2, 1], 2026: [1, 2, 2, 3, 3, 3, 2, 2, 2, 2, 1]}
ROUTES = [
    ("San Diego", "Ensenada", 65),
    ("San Diego", "Cabo San Lucas", 750),
    ("Los Angeles", "San Diego", 95),
    ("San Francisco", "San Diego", 450),
]
WHEN = [mess.iso_day, mess.epoch, mess.us_day, mess.iso_utc]


def build(ledger):
    random_ = rng("eyd")
    jobs, vessels, serial = [], [], 0
    for month in months():
        for asked in spread(random_, month, JOBS[month.year][month.month - 1], weekend=1):
            serial += 1
            vessels.append(vessel(random_, serial))
            jobs.append(job(ledger, random_, serial, asked))
        day = max(month, date(2024, 11, 21))
        ledger.pay(day + timedelta(days=1), "eyd", "7010", 26_000, "delivery insurance", "insurer")
    return {"eyd-jobs": jobs, "eyd-vessels": vessels}


def vessel(random_, serial):
    feet = random_.choice([34, 38, 42, 46, 52])
    length = random_.choice([feet, f"{feet} ft", f"{feet}'", {"feet": feet}])
    return Row(
        {
            "id": f"v-{serial:03d}",
            "name": random_.choice(["Aurora", "Brisa", "Calypso", "Dorado", "Estrella"]) + f" {serial}",
            "loa": length,
            "type": random_.choice(["sloop", "ketch", "trawler", "catamaran"]),
            "insured_until": None,
        }
    )


def job(ledger, random_, serial, asked):
    start, goal, miles = random_.choice(ROUTES)
    price = (95_000 + miles * 420) // 1000 * 1000
    crew = 30_000 + miles * 130
    won = serial % 3 != 0
    left = asked + timedelta(days=random_.choice([9, 14, 20]))
    back = left + timedelta(days=max(1, miles // 100))
    item = {
        "id": f"d-{serial:03d}",
        "vessel": f"v-{serial:03d}",
        "owner": mess.person(random_, 0.05),
        "route": {"from": start, "to": goal, "miles": miles},
        "asked": mess.era(mess.at(asked), WHEN, 200),
        "quoted": mess.era(mess.at(asked + timedelta(days=2)), WHEN, 200),
        "price": mess.money(random_, price),
        "status": "quoted",
    }
    if not won:
        return Row(item | {"status": "lost" if (END - asked).days > 20 else "quoted"}, since=asked)
    item |= {"accepted": mess.iso_day(mess.at(asked + timedelta(days=5))), "status": "accepted"}
    if back <= END:
        item |= {
            "left": mess.era(mess.at(left, 5), WHEN, 90),
            "delivered": mess.era(mess.at(back, 19), WHEN, 90),
            "status": "delivered",
            "crew_cost": mess.money(random_, crew),
            "sea_hours": random_.choice([miles / 5, str(miles // 5)]),
        }
        ledger.pay(back, "eyd", "5080", crew, f"crew and travel d-{serial:03d}", "delivery crew", random_.random() > 0.3)
        billed = back + timedelta(days=random_.choice([8, 15, 31, 47]))
        if billed <= END and serial % 5:
            invoice = {"no": f"E{serial:03d}", "on": mess.iso_day(mess.at(billed)), "amount": mess.money(random_, price)}
            if billed + timedelta(days=30) <= END and serial % 4:
                invoice |= {"paid": mess.money(random_, price), "paid_on": mess.us_day(mess.at(billed + timedelta(days=26)))}
            item["invoice"] = invoice
    return Row(item, since=asked)
