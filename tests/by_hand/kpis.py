"""The registry of figures: `KPIS` holds all that are computed by hand. Start at test_harbor.py.

A figure is a function of the books and the night. It gives a value for every entity that it can be said of, and for the portfolio
(None); a value of None, or no row, is the same statement: not known. It never is zero.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

MONEY, RATIO, COUNT, NUMBER, DATE = "money", "ratio", "count", "number", "date"
STEP = {MONEY: Decimal("0.01"), RATIO: Decimal("0.000001"), COUNT: Decimal(1), NUMBER: Decimal("0.000001")}
KPIS = {}


class Kpi(NamedTuple):
    unit: str
    kind: str | None  # only for portfolios with an entity of this kind
    figure: object


def kpi(name, unit, kind=None):
    def register(figure):
        KPIS[name] = Kpi(unit, kind, figure)
        return figure

    return register


def compute(books, night):
    """Every figure of a night: {kpi: {entity: value}}, values rounded as they are compared, only those that are known."""
    return {
        name: {entity: rounded(value, entry.unit) for entity, value in entry.figure(books, night).items() if value is not None}
        for name, entry in KPIS.items()
    }


def rounded(value, unit):
    if unit == DATE:
        return value
    return half_up(value, STEP[unit])


def half_up(value, step=Decimal(1)):
    return Decimal(value).quantize(step, ROUND_HALF_UP)
