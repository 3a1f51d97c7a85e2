"""The parsers of this folder on the spellings that occur in the tables. See test_harbor.py."""

import unittest
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from cells import day, money, percent, section_table, yes

ZONE = ZoneInfo("America/Los_Angeles")


class Cells(unittest.TestCase):
    def test_money(self):
        for cell in (1840.75, "1840.75", "$1,840.75"):
            self.assertEqual(money(cell), Decimal("1840.75"))
        self.assertEqual(money("-12.5"), Decimal("-12.5"))
        for cell in (None, "", "TBD", "3 h"):
            self.assertIsNone(money(cell))
        self.assertEqual([percent(cell) for cell in (3, "3%", "2.5 %")], [Decimal("0.03"), Decimal("0.03"), Decimal("0.025")])

    def test_days_are_the_businesss_own(self):
        # Nine in the evening in summer and in winter; in UTC it is the next day.
        for cell in (1751342400, "1751342400000", "2025-07-01T04:00:00Z", "2025-06-30T21:00:00", "6/30/2025", "2025-06-30"):
            self.assertEqual(day(cell, ZONE), date(2025, 6, 30), cell)
        self.assertEqual(day("2025-01-01T05:00:00+00:00", ZONE), date(2024, 12, 31))
        self.assertIsNone(day("next Saturday??", ZONE))

    def test_flags(self):
        self.assertTrue(all(yes(cell) for cell in (True, "yes", "Y", 1)))
        self.assertFalse(any(yes(cell) for cell in (False, "no", 0, None)))

    def test_the_first_table_of_a_section(self):
        text = "## Channels\n|A|B|C|\n|-|-|-|\n|x||z|\n\nRisks\n---\n| Risk |\n| one |\n"
        self.assertEqual(list(section_table(text, "channels")), [{"a": "x", "b": "", "c": "z"}])
