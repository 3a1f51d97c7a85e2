"""14,938 real hotel reservations: the product's KPIs recomputed from the CSV by plain code, month by month. See test_harbor.py.

The data (Antonio, de Almeida, Nunes, *Hotel booking demand datasets*, Data in Brief 22, 2019, CC BY 4.0) is not part of the
repository. Its portfolio has no units, customers, commissions or payments: figures of these must be missing on both sides.
"""

import csv
import shutil
import tempfile
import unittest
from datetime import date
from decimal import Decimal
from pathlib import Path

import hotel
from agreement import Agreement
from kpis import compute
from product import ROOT, nights

DATA = ROOT / "../shared/data/hotel_bookings.csv"
# Arrivals end in February 2017; at the end of August there is nothing to be said of the last 90 days.
NIGHTS = [date(2016, 1, 31), date(2016, 3, 31), date(2016, 5, 31), date(2016, 8, 31), date(2016, 10, 31), date(2016, 12, 31),
          date(2017, 2, 28), date(2017, 8, 31)]


class Hotel(Agreement, unittest.TestCase):
    at_least = 12

    @classmethod
    def prepare(cls, out):
        if not DATA.is_file():
            raise unittest.SkipTest("../shared/data/hotel_bookings.csv is not there")
        portfolio = Path(out) / "portfolio"
        shutil.copytree(ROOT / "tests/fixtures/hotel", portfolio)
        (portfolio / "tables").mkdir()
        shutil.copyfile(DATA, portfolio / "tables/rental-reservations.csv")
        cls.books = hotel.read(DATA)
        cls.hold(portfolio, nights(NIGHTS, date(2015, 7, 31), NIGHTS[-1]), "audit-rental", out)

    def test_the_published_totals_come_out_by_hand(self):
        by_hand = compute(self.books, NIGHTS[-1])
        for name, value in {"rental.reservations": 14_938, "rental.checked_out": 6_938, "rental.nights_sold": 26_454,
                            "rental.room_revenue": Decimal("2329116.86"), "rental.adr": Decimal("88.04")}.items():
            self.assertEqual(by_hand[name]["rental"], value, name)

    def test_one_changed_cell_makes_them_disagree(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "hotel.csv"
            with DATA.open(newline="", encoding="utf-8") as lines:
                rows = list(csv.DictReader(lines))
            stay = next(row for row in rows if row["reservation_status"] == "Check-Out" and row["stays_in_week_nights"] == "1")
            stay["adr"] = str(Decimal(stay["adr"]) + Decimal("0.01"))
            with copy.open("w", newline="", encoding="utf-8") as lines:
                writer = csv.DictWriter(lines, rows[0].keys())
                writer.writeheader()
                writer.writerows(rows)
            self.assertEqual(self.disagreements(hotel.read(copy)), {"rental.room_revenue"})


if __name__ == "__main__":
    unittest.main()
