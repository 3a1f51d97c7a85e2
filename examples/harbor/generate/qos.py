"""QueenofSanDiego: charters and concerts at sea in the single-table `scc-events` (DynamoDB JSON, PK/SK), guests, campaigns.

`scc-events` also holds crew, checklists and hours of JADA's charters. Since the office changed hands on 15 August 2026
nobody writes money onto QoS events any more: charters sail, and neither table nor ledger knows for how much.
"""

from datetime import date, timedelta

import mess
from core import END, Row, deck, months, rng, spread

EVENTS = {2024: [0] * 10 + [2, 3], 2025: [3, 3, 4, 5, 6, 8, 9, 9, 7, 5, 4, 4], 2026: [3, 3, 4, 5, 6, 7, 6, 4, 3, 2, 1]}
PRICE = {2: 104_000, 3: 142_000, 4: 182_000, 6: 244_000}
UNTRACKED = date(2026, 8, 15)
LIST_SIZE = 3_676
STARTS = [mess.iso_offset, mess.epoch_ms, mess.iso_utc, mess.epoch]


def events(ledger):
    random_ = rng("qos")
    hours = deck(random_, [2, 3, 3, 4, 4, 4, 4, 6])
    sources = deck(random_, ["direct", "direct", "direct", "GetMyBoat", "Viator"])
    rows = []
    serial = 0
    for month in months():
        for day in spread(random_, month, EVENTS[month.year][month.month - 1]):
            serial += 1
            cancelled = serial % 11 == 0
            rows += event(ledger, random_, f"Q{serial:04d}", day, next(hours), next(sources), cancelled)
        day = max(month, date(2024, 11, 21))
        ledger.pay(day, "qos", "7010", 23_500, "event insurance", "insurer")
        ledger.pay(day + timedelta(days=1), "qos", "7035", 21_500 + random_.randint(0, 2_000), "permits and music licences")
        ledger.pay(day + timedelta(days=3), "qos", "7030", 21_000 + random_.randint(0, 3_000), "sound gear storage")
    return [*rows, holiday_concert()]


def holiday_concert():
    """The one event on the books. Like all since August, it has no price."""
    return Row(
        {
            "PK": "EVENT#Q0999",
            "SK": "META",
            "brand": "QOS",
            "kind": "concert",
            "title": "Holiday lights 🎄",
            "state": "PLANNED",
            "starts_at": mess.iso_offset(mess.at(date(2026, 12, 12), 18)),
            "created": mess.epoch(mess.at(date(2026, 10, 30))),
            "client": {"name": "Rosa M."},
            "guests": 22,
            "source": "direct",
            "hours": 3,
            "tags": {"qos", "concert"},
        },
        since=date(2026, 10, 30),
    )


def event(ledger, random_, serial, day, hours, source, cancelled):
    price = PRICE[hours] * random_.randint(96, 104) // 100 // 500 * 500
    commission = price * {"GetMyBoat": 15, "Viator": 22, "direct": 0}[source] // 100
    crew, captain, port = 4_200 * hours, 6_000 * hours, price * 3 // 100
    booked = max(day - timedelta(days=random_.choice([3, 9, 14, 21, 40])), date(2024, 11, 21))
    tracked = day < UNTRACKED
    kind = "concert" if hours == 3 and random_.random() < 0.5 else "charter"
    meta = {
        "PK": f"EVENT#{serial}",
        "SK": "META",
        "brand": "QOS",
        "kind": kind,
        "title": random_.choice(["Sunset", "Jazz at sea", "Bay loop", "Birthday", "Proposal 💍"]),
        "starts_at": mess.era(mess.at(day, 16), STARTS, 120),
        "created": mess.era(mess.at(booked, 9), STARTS, 150),
        "client": {"name": mess.person(random_), "phone": "on file"},
        "guests": random_.randint(2, 24),
        "source": source,
        "hours": hours,
        "state": "CANCELLED" if cancelled else "SAILED",
        "tags": {"qos", kind},
    }
    if tracked:
        meta["money"] = {
            "gross": random_.choice([mess.number(price), mess.dollars(price)]),
            "crew": mess.number(crew),
            "captain": mess.plain(captain),
            "port": mess.number(port),
            "commission": mess.number(commission),
        }
    paid = day + timedelta(days=2)
    if not cancelled:
        out = crew + captain + port
        ledger.post(paid, "qos", f"crew {serial}", [("5010", crew), ("5020", captain), ("5030", port), ("1010", -out)])
        if tracked:
            lines = [("1010", price - commission), ("5510", commission), ("4010", -price)]
            ledger.post(day, "qos", f"event {serial}", lines, counterparty=source)
    return [Row(meta, since=booked), *operations(random_, serial, day, hours)]


def operations(random_, serial, day, hours):
    """Crew, checklist and hours of one outing, whoever sold it."""
    key = f"EVENT#{serial}"
    crew = random_.sample(["mate", "deckhand", "steward", "stewardess", "engineer"], random_.randint(1, 3))
    for role in crew:
        item = {"PK": key, "SK": f"CREW#{role}", "role": role, "confirmed": random_.choice([True, "yes", None])}
        yield Row(item, since=day)
    tasks = random_.sample(["bilge", "fuel", "lifejackets", "VHF", "flares", "ice", "heads", "lines"], 5)
    checklist = {
        task: {"done": random_.random() < 0.93, "by": random_.choice(crew), "at": mess.epoch_ms(mess.at(day, 9))}
        for task in tasks
    }
    yield Row({"PK": key, "SK": "CHECKLIST", "checklist": checklist}, since=day)
    log = []
    for role in ["captain", *crew]:
        minutes = hours * 60 + random_.choice([30, 60, 90])
        entry = {"member": role, "role": role, "start": mess.iso_local(mess.at(day, 10)), "minutes": minutes}
        if random_.random() < 0.3:
            entry["minutes"] = str(minutes)
        log.append(entry)
    yield Row({"PK": key, "SK": "HOURS", "date": mess.iso_day(mess.at(day)), "hours_log": log}, since=day)


def outings(jada_rows):
    """The operations items of JADA's completed charters, and one item as large as DynamoDB nearly allows."""
    random_ = rng("outings")
    for row in jada_rows:
        if str(row.item.get("status", "")).lower() in ("completed", "done") and random_.random() < 0.8:
            day = max(row.since, min(row.since + timedelta(days=9), END))
            hours = int(float(row.item["duration_hours"]))
            yield from operations(random_, row.item["id"], day, hours)
    scan = bytes(random_.randrange(256) for _ in range(225_000))
    yield Row({"PK": "EVENT#Q0007", "SK": "NOTE#scan", "text": mess.long_note(random_), "scan": scan}, since=date(2025, 3, 9))


def guests():
    """3,676 people who may be written to, some of whose addresses bounce, and those who opted out."""
    random_ = rng("guests")
    out = 236
    consents = [True] * LIST_SIZE + [False] * out
    random_.shuffle(consents)
    rows = []
    for number, consent in enumerate(consents, 1):
        joined = date(2019, 5, 1) + timedelta(days=random_.randrange(2_700))
        joined = min(joined, END - timedelta(days=40))
        item = {
            "id": f"guest-{number:05d}",
            "name": mess.person(random_, 0.002),
            "email": f"guest{number:05d}@example.com",
            "consent": random_.choice([True, "yes", "Y", 1] if consent else [False, "no", 0]),
            "joined": mess.era(mess.at(joined), [mess.us_day, mess.iso_day, mess.epoch_ms], 300),
        }
        if random_.random() < 0.3:
            last = joined + timedelta(days=random_.randrange(max(1, (END - joined).days)))
            item["last_visit"] = mess.iso_day(mess.at(last))
        if random_.random() < 0.043:
            item["bounced"] = random_.choice([True, "true"])
        rows.append(Row(item))
    return rows


def campaigns():
    """One item per send. Nobody measures opens, clicks or cost; bookings are counted by the promo code, now and then."""
    random_ = rng("campaigns")
    subjects = [
        "Spring sails",
        "Whale watch",
        "Fireworks night",
        "Jazz at sea",
        "Last-minute sunset",
        "Holiday lights",
        "Gift a charter",
    ]
    rows = []
    for index, month in enumerate(months(date(2024, 12, 1), date(2026, 9, 1))):
        day = month + timedelta(days=10 + index % 5)
        size = 2_310 + index * 62 if index < 21 else LIST_SIZE
        bookings = random_.choice([0, 1, 1, 2, 3])
        item = {
            "id": f"blast-{day:%Y%m}",
            "subject": random_.choice(subjects),
            "planned": mess.iso_day(mess.at(day)),
            "sent_at": mess.era(mess.at(day, 10), [mess.epoch_ms, mess.iso_offset, mess.iso_local], 150),
            "list_size": random_.choice([size, str(size), f"{size:,}"]),
            "delivered": size - size * random_.randint(38, 52) // 1000,
        }
        if index % 2:
            item |= {"promo_bookings": bookings, "promo_revenue": mess.money(random_, bookings * 176_500)}
        rows.append(Row(item, since=day))
    holiday = {"id": "blast-202612", "subject": "Holiday lights", "planned": "2026-12-04", "list_size": LIST_SIZE}
    return rows + [Row(holiday, since=date(2026, 11, 1))]
