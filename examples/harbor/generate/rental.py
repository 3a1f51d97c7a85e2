"""3028 51st St Rental: reservations (platforms and direct) and maintenance tickets.

The platform pays out at check-in, less its commission; the stay is earned on departure. Occupancy tax is collected per
stay and remitted each quarter; deposits on stays to come are a liability.
"""

from datetime import date, timedelta

import mess
from core import EARLIER, END, Row, days, months, rng

CHANNELS = {"Airbnb": 15, "Vrbo": 8, "direct": 0}
WHEN = [mess.iso_day, mess.us_day, mess.iso_offset, mess.epoch_ms]


def build(ledger):
    random_ = rng("rental")
    rows, serial = [], 0
    day = date(2024, 11, 23)
    while day < END + timedelta(days=50):
        nights = random_.choice([2, 2, 3, 3, 4, 5, 7])
        serial += 1
        lead = random_.choice([2, 5, 9, 14, 21, 33])
        booked = max(day - timedelta(days=lead), date(2024, 11, 21))
        if booked < END:
            rows.append(stay(ledger, random_, serial, booked, day, nights, cancelled=random_.random() < 0.11))
        gap = random_.choice([0, 0, 1, 1, 2, 3]) + (1 if day.month in (1, 2, 11) else 0)
        day += timedelta(days=nights + gap)
    rows += overnight(ledger)
    for month in months():
        running_costs(ledger, random_, max(month, date(2024, 11, 21)))
    return {"rental-reservations": rows, "rental-maintenance": tickets(ledger, random_)}


def stay(ledger, random_, serial, booked, arrive, nights, cancelled):
    season = {6: 118, 7: 128, 8: 125, 1: 88, 2: 88, 11: 88}.get(arrive.month, 100)
    night = 21_500 * season // 100 // 500 * 500
    gross, cleaning = night * nights, 13_000
    channel = random_.choice(["Airbnb", "Airbnb", "Vrbo", "direct"])
    commission, tax = gross * CHANNELS[channel] // 100, gross * 105 // 1000
    leave = arrive + timedelta(days=nights)
    item = {
        "id": f"res-{serial:04d}",
        "guest": mess.person(random_, 0.02),
        "platform": random_.choice([channel, channel.lower()]),
        "arrive": mess.era(mess.at(arrive, 16), WHEN, 120),
        "depart": mess.era(mess.at(leave, 11), WHEN, 120),
        "nights": nights,
        "booked": mess.era(mess.at(booked, 21), WHEN, 160),
        "adults": random_.choice([2, "2", 4, 3]),
        "nightly": mess.money(random_, night),
        "gross": mess.money(random_, gross),
        "cleaning_fee": "130.00",
        "fee": mess.money(random_, commission),
        "tax": mess.money(random_, tax),
        "status": "confirmed",
    }
    deposit = 30_000 if channel == "direct" else 0
    if deposit:
        item |= {"deposit": mess.money(random_, deposit), "deposit_refundable": random_.choice(["yes", True])}
        ledger.post(booked, "rental", f"deposit {item['id']}", [("1010", deposit), ("2100", -deposit)], counterparty="direct")
    if cancelled:
        told = booked + timedelta(days=1)
        ledger.post(told, "rental", f"refund {item['id']}", [("2100", deposit), ("1010", -deposit)], counterparty="direct")
        item |= {"status": random_.choice(["cancelled", "Canceled"])}
        return Row(item | ({"refunded_at": mess.iso_day(mess.at(told))} if deposit else {}), since=booked)
    payout = gross + cleaning + tax - commission
    lines = [("1010", payout - deposit), ("2100", deposit), ("5510", commission), ("2200", -tax), ("4010", -gross - cleaning)]
    ledger.post(arrive, "rental", f"payout {item['id']}", lines, counterparty=channel)
    cleaned = random_.randrange(10_000, 13_000, 125)
    ledger.pay(leave, "rental", "5070", cleaned, f"cleaning {item['id']}", "cleaner", random_.random() > 0.04)
    row = Row(item, since=booked)
    if leave <= END:
        item["cleaning_cost"] = mess.money(random_, cleaned)
        row.changed, row.was = leave, {"status": "checked_in", "cleaning_cost": None}
    if arrive <= END:
        item["paid_at"] = mess.era(mess.at(arrive), WHEN, 90)
        item["status"] = "checked_in" if leave > END else random_.choice(["checked_out", "Checked Out", "completed"])
    if leave > END >= arrive:
        row.changed, row.was = arrive, {"status": "confirmed", "paid_at": None}
    return row


def overnight(ledger):
    """The 20th: a new direct booking for New Year, with its deposit."""
    ledger.post(END, "rental", "deposit res-9001", [("1010", 30_000), ("2100", -30_000)], counterparty="direct")
    item = {
        "id": "res-9001",
        "guest": "Keiko T.",
        "platform": "direct",
        "arrive": "2026-12-30",
        "depart": "1/3/2027",
        "nights": "4",
        "booked": mess.epoch_ms(mess.at(END, 23)),
        "adults": 4,
        "nightly": "$240.00",
        "gross": 960,
        "cleaning_fee": 130,
        "fee": 0,
        "tax": 100.8,
        "deposit": "300",
        "deposit_refundable": True,
        "status": "confirmed",
    }
    return [Row(item, since=END)]


def tickets(ledger, random_):
    rows = []
    what = ["drip under sink", "lock battery", "heater pilot", "gutter", "paint touch-up", "wifi", "washer belt", "stair light"]
    for serial, day in enumerate((day for day in days(date(2024, 11, 25), END) if random_.random() < 0.13), 1):
        cost = random_.randint(4_000, 26_000)
        done = day + timedelta(days=random_.choice([1, 2, 4, 9, 30]))
        if day > date(2026, 10, 1) and serial % 3 == 0:  # nobody has come yet
            done = date.max
        item = {
            "id": f"m-{serial:04d}",
            "what": random_.choice(what),
            "opened": mess.era(mess.at(day), WHEN, 100),
            "status": "open",
            "estimate": mess.money(random_, cost),
            "photos": {f"m{serial}-{index}.jpg" for index in range(random_.randint(1, 3))},
        }
        row = Row(item, since=day)
        if done <= END:
            item |= {"status": "done", "closed": mess.era(mess.at(done), WHEN, 100), "cost": mess.money(random_, cost)}
            ledger.pay(done, "rental", "7030", cost, f"ticket m-{serial:04d}", "handyman", random_.random() > 0.1)
            if done == END:
                row.changed, row.was = END, {"status": "open", "closed": None, "cost": None}
        rows.append(row)
    ledger.pay(date(2026, 8, 17), "rental", "7030", 235_000, "water heater and air handler", "plumber")
    for row in rows[7::40]:
        row.item["estimate"] = "ask"
    return rows


def running_costs(ledger, random_, day):
    principal = 121_000
    interest = 178_000
    ledger.post(
        day, "rental", "mortgage", [("2510", principal), ("7950", interest), ("1010", -principal - interest)], "loan", "bank"
    )
    ledger.pay(day + timedelta(days=4), "rental", "7011", 31_000, "association dues", "association")
    ledger.pay(day + timedelta(days=6), "rental", "7012", random_.randint(21_000, 29_000), "power, water, internet")
    ledger.pay(day + timedelta(days=8), "rental", "7010", 16_500, "short-term rental insurance", "insurer")
    if day.month in (1, 4, 7, 10):
        ledger.remit(min(day.replace(day=28), EARLIER), "rental", "2200", "occupancy tax", "city")
