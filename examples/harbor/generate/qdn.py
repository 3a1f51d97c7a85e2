"""QuickDumpNow: hauling jobs, their invoices, and the messages that became, or did not become, jobs.

The funnel broke in May 2026 when the quote form lost its reply: enquiries keep coming, few are answered.
"""

from datetime import date, timedelta

import mess
from core import END, Row, months, rng, spread

ENQUIRIES = {
    2024: [0] * 10 + [20, 55],
    2025: [58, 60, 66, 70, 76, 80, 84, 82, 76, 72, 68, 64],
    2026: [64, 66, 70, 74, 72, 70, 66, 64, 62, 60, 38],
}
BROKEN = date(2026, 5, 4)
TRAILERS = ["T1", "T2", "T3", "T4"]
WHEN = [mess.us_day, mess.iso_local, mess.epoch, mess.iso_day, mess.epoch_ms]


def build(ledger):
    random_ = rng("qdn")
    tables = {"qdn-jobs": [], "qdn-invoices": [], "qdn-messages": []}
    serial = 0
    for month in months():
        for day in spread(random_, month, ENQUIRIES[month.year][month.month - 1], weekend=1):
            serial += 1
            working = day < BROKEN
            quoted = random_.random() < (0.72 if working else 0.30)
            won = quoted and random_.random() < (0.62 if working else 0.28)
            tables["qdn-messages"] += thread(random_, serial, day, quoted, won)
            if quoted:
                job(ledger, random_, tables, serial, day, won)
        running_costs(ledger, random_, max(month, date(2024, 11, 21)))
    done = [row for row in tables["qdn-jobs"] if "hours" in row.item]
    for row in done[30:300:60]:
        row.item["hours"] = "3 h"
    for row in tables["qdn-jobs"][40:300:65]:
        row.item["quote"] = "TBD"
    return tables


def thread(random_, serial, day, quoted, won):
    """Two to six messages; `stage` is written by the form, by the bot, or by nobody."""
    steps = ["enquiry"] + ["enquiry"] * random_.randint(0, 2) + ["quote"] * quoted + ["won"] * won
    steps += random_.choice([[], ["thanks"], ["no answer?"]])
    for index, step in enumerate(steps):
        text = random_.choice(
            ["sofa and fridge", "how much for a garage?", "yard waste", "hello??", "still there?", "🛋️🗑️", "mañana?"]
        )
        if random_.random() < 0.003:
            text = random_.choice(mess.HOSTILE)
        moment = mess.at(day, 8 + index, random_.randrange(60))
        item = {
            "PK": f"THREAD#{serial:05d}",
            "SK": f"MSG#{index:02d}",
            "at": mess.era(moment, WHEN, 75),
            "body": text,
            "direction": "out" if step == "quote" else "in",
            "via": random_.choice(["sms", "web", "Web form", "yelp"]),
        }
        if step in ("enquiry", "quote", "won"):
            item["stage"] = random_.choice([step, step.upper()])
        if index == 0:  # what the form reckons from the volume that the customer ticks
            item["estimate"] = mess.money(random_, random_.choice([18_000, 24_000, 28_000, 32_000, 38_000]))
        yield Row(item, since=day)


def job(ledger, random_, tables, serial, day, won):
    price = random_.choice([18_500, 24_500, 27_500, 32_500, 38_500, 45_000]) + random_.randrange(0, 2_000, 500)
    done = day + timedelta(days=random_.choice([0, 0, 1, 2]))
    finished = won and done <= END
    dump, fuel = 6_000 + price // 14, random_.randint(2_000, 4_500)
    item = {
        "id": f"job-{serial:05d}",
        "thread": f"{serial:05d}",
        "customer": mess.person(random_),
        "address": {
            "street": f"{random_.randint(100, 9900)} {random_.choice(['Fir', 'Elm', 'Bay', 'Date'])} St",
            "zip": str(92101 + serial % 30),
        },
        "quoted_at": mess.era(mess.at(day, 15), WHEN, 100),
        "quote": mess.money(random_, price),
        "service_date": mess.era(mess.at(done), WHEN, 140),
        "trailer": random_.choice(TRAILERS),
        "status": ("done" if finished else "scheduled")
        if won
        else random_.choice(["lost", "quoted" if (END - day).days < 30 else "lost", "Cancelled"]),
    }
    row = Row(item, since=day)
    if finished:
        row.changed = done
        row.was = {"status": "scheduled"} | dict.fromkeys(["final_price", "dump_fee", "fuel", "hours", "completed_at", "photos"])
        item |= {
            "final_price": mess.money(random_, price),
            "dump_fee": mess.money(random_, dump),
            "fuel": mess.money(random_, fuel),
            "hours": random_.choice([1.5, "2", 2.5, "3", 3]),
            "completed_at": mess.era(mess.at(done, 17), WHEN, 100),
            "photos": [f"before-{serial}.jpg", f"after-{serial}.jpg"],
        }
        ledger.post(
            done,
            "qdn",
            f"job {serial} costs",
            [("5040", dump), ("5050", fuel), ("1010", -dump - fuel)],
            receipt=random_.random() > 0.06,
        )
        invoice(ledger, random_, tables, serial, item["customer"], done, price)
    tables["qdn-jobs"].append(row)


def invoice(ledger, random_, tables, serial, customer, done, price):
    """Most pay on the spot, some later, a few never."""
    if random_.random() < 0.06:
        return  # done and never invoiced
    issued = done + timedelta(days=random_.choice([0, 0, 1, 6]))
    wait = random_.choice([0, 0, 0, 0, 3, 9, 21, 40])
    paid_on = issued + timedelta(days=wait)
    never = wait == 40 and random_.random() < 0.35
    if issued > END:
        return
    row = Row({}, since=issued)
    row.item = item = {
        "id": f"inv-q{serial:05d}",
        "job": f"job-{serial:05d}",
        "customer": customer,
        "total": mess.money(random_, price),
        "issued": mess.era(mess.at(issued), WHEN, 120),
        "due": mess.iso_day(mess.at(issued + timedelta(days=14))),
    }
    if wait:
        ledger.post(issued, "qdn", f"invoice {serial}", [("1100", price), ("4010", -price)])
    if paid_on <= END and not never:
        ledger.post(paid_on, "qdn", f"paid {serial}", [("1010", price), ("1100" if wait else "4010", -price)])
        item |= {"paid": mess.money(random_, price), "paid_at": mess.era(mess.at(paid_on, 18), WHEN, 90), "status": "PAID"}
        row.changed, row.was = paid_on, {"paid": None, "paid_at": None, "status": "open"}
    else:
        item |= {"status": random_.choice(["open", "sent", "overdue"])}
    if random_.random() < 0.01:
        item["note"] = random_.choice(mess.HOSTILE)
    tables["qdn-invoices"].append(row)


def running_costs(ledger, random_, day):
    ledger.pay(day, "qdn", "7080", 45_000, "yard rent", "yard owner")
    ledger.pay(day + timedelta(days=1), "qdn", "7010", 62_000, "truck and liability insurance", "insurer")
    ledger.pay(day + timedelta(days=5), "qdn", "6010", 68_000 + random_.randint(0, 4_000), "search ads", "ad network")
    ledger.pay(
        day + timedelta(days=12),
        "qdn",
        "7030",
        random_.randint(9_000, 31_000),
        "tires and service",
        "garage",
        random_.random() > 0.2,
    )
