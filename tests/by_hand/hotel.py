"""The public hotel data set as records: one reservation per line of the CSV. Start at test_hotel.py."""

import csv
from datetime import date, timedelta
from decimal import Decimal

from records import Booking, Books

MONTHS = "January February March April May June July August September October November December".split()
STATUS = {"Check-Out": "completed", "Canceled": "cancelled", "No-Show": "no_show"}


def read(path):
    with open(path, newline="", encoding="utf-8") as lines:
        return Books(kinds={"rental": "rental"}, bookings=[reservation(row) for row in csv.DictReader(lines)])


def reservation(row):
    """The price of a stay is its average daily rate times its nights; no commission, customer or payment is on record."""
    month = MONTHS.index(row["arrival_date_month"]) + 1
    start = date(int(row["arrival_date_year"]), month, int(row["arrival_date_day_of_month"]))
    nights = int(row["stays_in_weekend_nights"]) + int(row["stays_in_week_nights"])
    return Booking(
        entity="rental", booked=start - timedelta(days=int(row["lead_time"])), start=start, end=start + timedelta(days=nights),
        nights=nights, status=STATUS[row["reservation_status"]], channel=row["distribution_channel"], customer=None,
        price=Decimal(row["adr"]) * nights)
