"""What every portfolio is put to: product and plain code agree, month by month, on enough figures. Start at test_harbor.py."""

import tempfile
from collections import Counter

import kpis_channels, kpis_close, kpis_jobs, kpis_rental  # noqa: E401,F401  these and what they import fill the registry
from kpis import KPIS
from product import compare, run


class Agreement:
    """Mix into a TestCase; `prepare` sets `books` and calls `hold`."""

    at_least = 20  # KPIs that have a value in most of the months

    @classmethod
    def setUpClass(cls):
        cls.analyses, cls.differences, cls.agreed, cls.months = {}, [], Counter(), Counter()
        with tempfile.TemporaryDirectory() as out:
            cls.prepare(out)
        known = [count for count in cls.agreed.values() if count]
        print(f"\n{cls.__name__}: {sum(known)} values of {len(known)} KPIs agree on {len(cls.analyses)} nights, "
              f"{len(cls.differences)} do not", flush=True)

    @classmethod
    def hold(cls, portfolio, nights, document, out):
        for night in nights:
            cls.analyses[night] = run(portfolio, night, document, out)
            different, agreed = compare(cls.analyses[night], cls.books, night)
            cls.differences += different
            cls.agreed.update(agreed)
            cls.months.update({name for name, count in agreed.items() if count} | {difference.kpi for difference in different})

    def test_every_figure_agrees_month_by_month(self):
        for name in KPIS:
            with self.subTest(name):
                if different := [str(difference) for difference in self.differences if difference.kpi == name]:
                    self.fail("\n" + "\n".join(different))

    def test_enough_was_compared(self):
        often = [name for name, months in self.months.items() if months >= 6]
        self.assertGreaterEqual(len(self.analyses), 6)
        self.assertGreaterEqual(len(often), self.at_least, often)

    def disagreements(self, books):
        """Of the last night with other books: which KPIs differ that did not before."""
        night = max(self.analyses)
        before = {(d.kpi, d.entity) for d in self.differences if d.night == night}
        return {d.kpi for d in compare(self.analyses[night], books, night)[0] if (d.kpi, d.entity) not in before}
