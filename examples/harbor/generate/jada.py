"""JADA: sailing charters in `jada-calendar`, plain JSON, one item per calendar entry.

The story in the data: a good 2025; the certificate of inspection lapses in August 2026, every OTA listing comes down, the
captain leaves, and the pipeline runs dry. One last booking stands on 19 November and is cancelled on the 20th.
"""

from datetime import date, timedelta
from itertools import cycle

import mess
from core import END, Row, deck, months, rng, spread

CHARTERS = {  # completed per month
    2024: [0] * 10 + [2, 4],
    2025: [4, 5, 7, 9, 11, 14, 17, 16, 12, 9, 6, 5],
    2026: [4, 5, 7, 8, 10, 12, 11, 4, 3, 2, 1],
}
PRICE = {2: 98_000, 3: 138_000, 4: 179_000, 6: 248_000, 8: 315_000}
COMMISSION = {"Boatsetter": 18, "Sailo": 16, "GetMyBoat": 15, "Viator": 22, "GetYourGuide": 20, "concierge": 15, "direct": 0}
DELISTED = date(2026, 8, 8)
LAST_ENQUIRY = date(2026, 10, 9)

ENTERED = [mess.us_day, mess.iso_day, mess.iso_local, mess.iso_day]  # charter_date, by era
BOOKED = [mess.epoch, mess.epoch_ms, mess.iso_utc, mess.iso_offset, mess.iso_local]  # booked_at


def build(ledger):
    random_, others = rng("jada"), rng("jada/others")
    hours = deck(random_, [2, 3, 3, 3, 4, 4, 4, 6, 6, 8])
    otas = deck(random_, ["Boatsetter", "Boatsetter", "GetMyBoat", "Viator", "Sailo", "GetYourGuide"] + ["direct"] * 4)
    late_hours, late = cycle([4, 6, 4, 3, 4, 6, 4, 4, 6]), cycle(["concierge", "concierge", "direct"])
    rows = []
    for month in months():
        count = CHARTERS[month.year][month.month - 1]
        for day in spread(random_, month, count):
            listed = day < DELISTED
            length, source = next(hours if listed else late_hours), next(otas if listed else late)
            rows.append(charter(ledger, random_, day, length, source, "completed"))
        for day in spread(random_, month, (count + 4) // 7):
            fate = random_.choice(["cancelled", "cancelled", "cancelled", "no_show"])
            rows.append(charter(ledger, random_, day, next(hours), next(otas) if day < DELISTED else "direct", fate))
        rows += other_entries(others, month)
        rows += enquiries(others, month, count)
    rows.append(last_booking(ledger))
    running_costs(ledger, random_)
    for number, row in enumerate(sorted(rows, key=lambda row: row.since), 1):
        row.item = {"id": f"cal-{number:05d}"} | row.item
    awkward(random_, rows)
    return rows


def charter(ledger, random_, day, hours, source, fate):
    gross = PRICE[hours] * random_.randint(96, 104) // 100 // 500 * 500
    discount = gross // 10 // 100 * 100 if source == "direct" and day >= DELISTED else 0
    price = gross - discount
    commission = price * COMMISSION[source] // 100
    crew, captain = 4_200 * hours, 6_000 * hours
    port_percent = random_.choice([3, 3, 3, 2.5])
    port = int(price * port_percent) // 100
    booked = max(day - timedelta(days=random_.choice([2, 4, 7, 11, 16, 24, 35, 50])), date(2024, 11, 21))
    deposit = price // 4 // 1000 * 1000
    customer = mess.person(random_)
    ledger.post(booked, "jada", f"deposit charter {day}", [("1010", deposit), ("2100", -deposit)], counterparty=source)
    payments = [pay(random_, booked, deposit, "deposit")]
    item = {
        "event_type": random_.choice(["charter", "charter", "charter", "Charter", "CHARTER"]),
        "source": random_.choice([source, source, source.lower(), source.upper()]),
        "customer": customer,
        "charter_date": mess.era(mess.at(day), ENTERED),
        "duration_hours": random_.choice([hours, hours, str(hours), f"{hours}.0"]),
        "guests": random_.choice([random_.randint(2, 6), str(random_.randint(2, 6))]),
        "gross_revenue": mess.money(random_, gross),
        "crew_cost": mess.money(random_, crew),
        "captain_cost": mess.money(random_, captain),
        "port_fee_percent": random_.choice([port_percent, f"{port_percent}%", str(port_percent)]),
        "commission": mess.money(random_, commission) if commission else None,
        "discount": mess.money(random_, discount) if discount else None,
        "deposit": mess.money(random_, deposit),
        "booked_at": mess.era(mess.at(booked, random_.choice([7, 12, 18, 22])), BOOKED, 90),
    }
    if fate == "completed":
        balance = price - deposit
        payments.append(pay(random_, day, balance - commission, "balance"))
        ledger.post(
            day,
            "jada",
            f"charter {day} {hours} h",
            counterparty=source,
            lines=[("1010", balance - commission), ("5510", commission), ("2100", deposit), ("4010", -price)],
        )
        paid = day + timedelta(days=1)
        out = crew + captain + port
        ledger.post(paid, "jada", f"crew {day}", [("5010", crew), ("5020", captain), ("5030", port), ("1010", -out)])
        item["net_revenue"] = mess.money(random_, price - commission - out)
        item["status"] = random_.choice(["completed", "Completed", "done"])
    elif fate == "no_show":
        ledger.post(day, "jada", f"no-show {day}", [("2100", deposit), ("4020", -deposit)], counterparty=source)
        item |= {"status": random_.choice(["no_show", "No-Show"]), "deposit_policy": "locked"}
    else:
        told = max(booked, day - timedelta(days=random_.choice([1, 5, 9, 20])))
        refundable = (day - told).days >= 7
        if refundable:
            ledger.post(told, "jada", f"refund {day}", [("2100", deposit), ("1010", -deposit)], counterparty=source)
            payments.append(pay(random_, told, -deposit, "refund"))
            item["payments"] = payments
        elif random_.random() < 0.9:  # the rest stay on the deposits account: locked, and forgotten
            ledger.post(told, "jada", f"forfeited {day}", [("2100", deposit), ("4020", -deposit)], counterparty=source)
        item |= {"status": random_.choice(["cancelled", "canceled", "CANCELLED"])}
        item |= {"deposit_policy": "refundable" if refundable else "locked"}
    if booked >= date(2025, 3, 1):
        item["payments"] = payments
    return Row({key: value for key, value in item.items() if value is not None}, since=booked)


def pay(random_, day, cents, kind):
    spelling = random_.choice([mess.iso_utc, mess.epoch, mess.iso_day])
    return {"at": spelling(mess.at(day)), "amount": mess.money(random_, cents), "kind": kind, "method": "card"}


def other_entries(random_, month):
    kinds = ["maintenance", "blocked", "weather_hold", "crew_training", "Maintenance"]
    for day in spread(random_, month, 30, weekend=1):
        item = {"event_type": random_.choice(kinds), "charter_date": mess.era(mess.at(day), ENTERED)}
        yield Row(item | {"note": random_.choice(["", "bilge pump", "varnish", "owner use", "swell", None])}, since=day)


def enquiries(random_, month, charters):
    for day in spread(random_, month, charters // 2 + 5 if month < DELISTED.replace(day=1) else 2, last=LAST_ENQUIRY):
        item = {
            "event_type": "inquiry",
            "source": random_.choice(["direct", "Boatsetter", "GetMyBoat", "Viator", "Sailo"]) if day < DELISTED else "direct",
            "customer": mess.person(random_),
            "booked_at": mess.era(mess.at(day, 20), BOOKED, 90),
            "charter_date": mess.era(mess.at(min(day + timedelta(days=20), END)), ENTERED),
            "gross_revenue": mess.money(random_, random_.choice(list(PRICE.values()))),
            "status": random_.choice(["lost", "lost", "no reply", "won"]) if day < DELISTED else "lost",
        }
        if random_.random() < 0.6:
            item["quoted_at"] = mess.iso_day(mess.at(day + timedelta(days=1)))
        yield Row(item, since=day)


def last_booking(ledger):
    """Booked in October for 5 December; the guest hears about the certificate and cancels on the 20th."""
    booked, told, deposit = date(2026, 10, 6), END, 44_000
    ledger.post(booked, "jada", "deposit charter 2026-12-05", [("1010", deposit), ("2100", -deposit)], counterparty="direct")
    ledger.post(told, "jada", "refund 2026-12-05", [("2100", deposit), ("1010", -deposit)], counterparty="direct")
    paid = {"at": "2026-10-06", "amount": "$440.00", "kind": "deposit", "method": "card"}
    refund = {"at": "2026-11-20T17:05:00Z", "amount": "-440.00", "kind": "refund", "method": "card"}
    item = {
        "event_type": "charter",
        "source": "direct",
        "customer": "Grace L.",
        "charter_date": "2026-12-05",
        "duration_hours": 4,
        "guests": 6,
        "gross_revenue": "1790.00",
        "crew_cost": 168,
        "captain_cost": 240,
        "port_fee_percent": 3,
        "deposit": 440,
        "booked_at": "2026-10-06T10:12:00-07:00",
        "status": "cancelled",
        "deposit_policy": "refundable",
        "payments": [paid, refund],
    }
    return Row(item, since=booked, changed=told, was={"status": "confirmed", "payments": [paid]})


def awkward(random_, rows):
    """What customers type, and what nobody filled in. Ends on the exact counts that README.md gives."""
    booked = [row for row in rows if "guests" in row.item and row.since < date(2026, 7, 1)]
    for row, name in zip(random_.sample(booked, len(mess.HOSTILE)), mess.HOSTILE):
        row.item["customer"] = name
    for row in random_.sample(booked, 9):
        del row.item["gross_revenue"]
    for row, text in zip(
        random_.sample([row for row in booked if "gross_revenue" in row.item], 4), ["TBD", "n/a", "ask captain", "TBD"]
    ):
        row.item["gross_revenue"] = text
    for row in random_.sample(booked, 3):
        row.item["notes"] = mess.long_note(random_)
    random_.choice(booked).item["crew_cost"] = None
    random_.choice(booked).item["charter_date"] = "next Saturday??"


def running_costs(ledger, random_):
    for month in months():
        month = max(month, date(2024, 11, 21))
        day = month.replace(day=1) if month.day == 1 else month
        ledger.pay(day, "jada", "7020", 215_000, "slip", "marina")
        ledger.pay(day + timedelta(days=2), "jada", "7010", 124_000, "hull and liability insurance", "insurer")
        ledger.pay(day + timedelta(days=4), "jada", "7060", 27_500 + random_.randint(0, 900), "booking engine and phone")
        ledger.pay(
            day + timedelta(days=6),
            "jada",
            "7030",
            random_.randint(25_000, 32_000),
            "yard and chandlery",
            "yard",
            random_.random() > 0.15,
        )
        if month.month % 3 == 0:
            ledger.pay(day + timedelta(days=8), "jada", "7040", 18_000, "inspection consultant", "surveyor")
        ledger.pay(day + timedelta(days=9), "jada", "6010", 30_000 if day < DELISTED else 9_000, "social ads", "ad network")
