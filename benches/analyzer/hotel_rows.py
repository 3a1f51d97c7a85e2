"""Bookings drawn from the hotel data: rows of real reservations under new ids, their dates moved by whole weeks.

Each is one of the 14,938 reservations (Antonio, de Almeida, Nunes, *Hotel booking demand datasets*, Data in Brief 22, 2019, CC BY 4.0), its
text as it stands but for its dates: they are moved so that arrivals are spread evenly from the summer of 2023 to February 2027, on the day of
the week that they were. Seen from DATE some are still to come. Of these a stay is `Confirmed`, one of six `Inquiry`; who would have booked after
DATE booked as many days before it as their lead was long. Beside the data's own columns a row has an id, a business and, all but one of
twenty, a customer.

usage: hotel_rows.py FOLDER RUN ROWS   writes them as that run's snapshot; prints how many files and bytes
"""
import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
from snapshot import Snapshot

DATA = Path(__file__).resolve().parents[3] / "shared/data/hotel_bookings.csv"
DATE, FIRST, LAST = date(2026, 11, 20), date(2023, 7, 1), date(2027, 2, 28)
COPIES = 12  # of each reservation, at other dates; which of them a booking is, is drawn
MONTHS = "January February March April May June July August September October November December".split()
BUSINESSES = {"Resort Hotel": ["resort", "resort", "north"], "City Hotel": ["city", "city", "south"]}


def draw(count, seed=2026):
    """A table of text columns in the order of its key, `id`: the same for the same count and seed."""
    chance, rows = random.Random(seed), reservations()
    changes = [at_other_dates(row, target(chance, copy), place) for copy in range(COPIES) for place, row in enumerate(rows)]
    drawn = [chance.randrange(len(changes)) for _ in range(count)]
    columns = {
        **of_texts({name: [row[name] for row in rows] for name in rows[0]}, [at % len(rows) for at in drawn]),
        **of_texts({name: [change[name] for change in changes] for name in changes[0]}, drawn),
        "id": [f"bk-{n:08d}" for n in range(count)],
        "business": [chance.choice(BUSINESSES[rows[at % len(rows)]["hotel"]]) for at in drawn],
        "customer": [f"customer-{chance.randrange(count // 3):07d}" if chance.random() < 0.95 else None for _ in drawn],
    }
    return pa.table({name: pa.chunked_array([pa.array(column, pa.string())]) for name, column in columns.items()})


def of_texts(columns, places):
    """Each column's texts at these places."""
    places = pa.array(places, pa.int32())
    return {name: pa.array(texts, pa.string()).take(places) for name, texts in columns.items()}


def reservations():
    if not DATA.is_file():
        sys.exit("the bench needs the hotel data: ../shared/data/hotel_bookings.csv, beside the project, is not there (it is no part of it)")
    with DATA.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def target(chance, copy):
    """A day in one of COPIES equal parts of the time from FIRST to LAST."""
    return FIRST + (LAST - FIRST) * ((copy + chance.random()) / COPIES)


def at_other_dates(row, near, place):
    """The columns that are different in a reservation whose arrival is within a week of a day."""
    arrival = date(int(row["arrival_date_year"]), MONTHS.index(row["arrival_date_month"]) + 1, int(row["arrival_date_day_of_month"]))
    weeks = timedelta(weeks=(near - arrival).days // 7)
    month, day, year = map(int, row["reservation_status_date"].split("/"))
    arrival, settled = arrival + weeks, date(year, month, day) + weeks
    lead, ahead, status = int(row["lead_time"]), (arrival - DATE).days, row["reservation_status"]
    if ahead > 0 and status != "Canceled":
        status = "Inquiry" if place % 6 == 0 else "Confirmed"
    return {
        "arrival_date_year": str(arrival.year), "arrival_date_month": MONTHS[arrival.month - 1],
        "arrival_date_day_of_month": str(arrival.day), "arrival_date_week_number": str(arrival.isocalendar().week),
        "reservation_status_date": f"{settled.month}/{settled.day}/{settled.year}",
        "lead_time": str(ahead + lead if ahead > lead else lead), "reservation_status": status,
    }


if __name__ == "__main__":
    print(*Snapshot(sys.argv[1], sys.argv[2]).add("hotel-bookings", draw(int(sys.argv[3]))))
