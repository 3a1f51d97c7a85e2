"""Harbor's KPIs recomputed by plain code, month by month. Start here.

`run.sh` runs this. The raw tables are read by `harbor_sales` and `harbor_money` (cells by `cells`) into the records of `records`;
a figure is a function of these in `kpis_*`, written from the KPI's title, docs/CATALOG.md and the usual formulas.
`product` runs the night and compares. A new KPI needs one such function; the registry does the rest.
"""

import json
import shutil
import tempfile
import unittest
from collections import Counter
from datetime import date
from pathlib import Path

import harbor_money
from agreement import Agreement
from kpis import KPIS, compute
from product import ROOT, amount, figures, nights, same

HARBOR = ROOT / "examples/harbor"
# Month ends of the two years, and the last night there is.
NIGHTS = [date(2025, 2, 28), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30),
          date(2026, 8, 31), date(2026, 10, 31), date(2026, 11, 20)]
# What a period says, whatever night looks back at it: nothing else of these depends on the night.
OF_A_PERIOD = {"bookings.count_30d", "bookings.revenue_30d", "bookings.net_revenue_mtd", "bookings.average_value", "bookings.cancel_rate",
               "leads.created_30d", "hauling.jobs_30d", "agency.hours_30d", "rental.adr_30d", "channels.commission_rate"}
UNPRICED = date(2026, 10, 31)  # QueenofSanDiego writes no prices any more


class Harbor(Agreement, unittest.TestCase):
    at_least = 50

    @classmethod
    def prepare(cls, out):
        if not (HARBOR / "tables").is_dir():
            raise AssertionError("no tables: python3 examples/harbor/generate")
        cls.books = harbor_money.read(HARBOR)
        cls.hold(HARBOR, nights(NIGHTS, date(2024, 11, 30), NIGHTS[-1]), "audit-delivery", out)

    def test_every_kpi_has_a_value_in_some_month(self):
        self.assertEqual([name for name in self.agreed if not self.months[name]], [])

    def test_an_earlier_period_is_what_its_own_last_night_would_say(self):
        by_hand, compared = {}, Counter()
        for night, analysis in self.analyses.items():
            for kpi in analysis["kpis"]:
                for then in kpi.get("comparisons", []) if kpi["id"] in OF_A_PERIOD else []:
                    if then["value"] is None or "note" in then:
                        continue
                    end = date.fromisoformat(then["to"])
                    if end not in by_hand:
                        by_hand[end] = compute(self.books, end)
                    theirs = amount(then["value"], analysis["run"]["currency"])
                    ours = by_hand[end][kpi["id"]].get(kpi["entity"])
                    with self.subTest(f"{night} {kpi['fact']} {then['label']}"):
                        self.assertTrue(same(theirs, ours, KPIS[kpi["id"]].unit), f"{theirs} by the product, {ours} by hand")
                    compared[kpi["id"], then["with"]] += 1
        self.assertGreaterEqual(sum(compared.values()), 200)
        self.assertEqual({kpi for kpi, _ in compared}, OF_A_PERIOD & {kpi["id"] for kpi in analysis["kpis"]})

    def test_what_nobody_wrote_down_is_unknown_to_both(self):
        product, by_hand = figures(self.analyses[UNPRICED]), compute(self.books, UNPRICED)
        for values in (product, by_hand):
            self.assertIn("jada", values["bookings.net_revenue_mtd"])
            self.assertNotIn("qos", values["bookings.net_revenue_mtd"])

    def test_one_changed_cell_makes_them_disagree(self):
        for table, change, expected in [
            ("rental-reservations", {"id": "res-0028", "gross": "430.01"}, {"rental.room_revenue"}),
            ("rental-reservations", {"id": "res-0028", "status": "Canceled"}, {"rental.checked_out", "rental.nights_sold"}),
            ("ledger-transactions", {"PK": "TXN#20251130-008", "SK": "LINE#01", "debit": "$102.51"}, {"close.unbalanced"}),
            ("dc-contracts", {"id": "c-plumber", "terms": {"interval": "month", "price": "550.01"}}, {"mrr", "billing.gap"}),
            ("dc-invoices", {"id": "inv-20260401-yacht-broker-retainer", "amount": "1200.01"}, {"receivables.open"}),
        ]:
            with self.subTest(table, change=change), tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / "harbor"
                shutil.copytree(HARBOR, copy, ignore=shutil.ignore_patterns("inventory", "nights"))
                edit(copy / "tables" / f"{table}.ndjson", change)
                self.assertLessEqual(expected, self.disagreements(harbor_money.read(copy)))


def edit(path, change):
    """Overwrites cells of the one item that has the same key."""
    keys = [key for key in ("id", "PK", "SK") if key in change]
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    (item,) = [item for item in items if all(item[key] == change[key] for key in keys)]
    item.update(change)
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
