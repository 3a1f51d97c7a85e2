"""Runs a night of the product and holds its figures against those made by hand. Start at test_harbor.py.

A night of an earlier date is a replay: the product reads the tables as they stand and looks at them as of that date, and so does
the code here. So an invoice that was paid since is paid in both, and a ledger line of a later day is in neither.
"""

import json
import os
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from kpis import COUNT, DATE, KPIS, MONEY, STEP, compute

ROOT = Path(__file__).resolve().parents[2]


class Difference(NamedTuple):
    kpi: str
    entity: str | None  # None: the portfolio's row
    night: date
    product: object  # None: not known
    by_hand: object

    def __str__(self):
        return f"{self.night} {self.kpi}@{self.entity or 'portfolio'}: {self.product} by the product, {self.by_hand} by hand"


def nights(some, first, last):
    """These nights; with BY_HAND_EVERY_MONTH=1 every month end from the first to the last, too."""
    ends, month = set(some), first.replace(day=1)
    while os.environ.get("BY_HAND_EVERY_MONTH") == "1" and month <= last:
        month = (month + timedelta(days=31)).replace(day=1)
        ends.add(min(month - timedelta(days=1), last))
    return sorted(ends)


def run(portfolio, night, document, out):
    """The night's analysis. All figures are in it whichever documents are made, so only one is."""
    command = [os.environ["QUARTERDECK"], "run", str(portfolio), "--date", str(night), "--out", str(out), "--only", document]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return json.loads((Path(out) / str(night) / "analysis.json").read_text(encoding="utf-8"), parse_float=Decimal)


def figures(analysis):
    """{kpi: {entity: value}} of what the product knows; a missing KPI has no values."""
    rows = {entry["id"]: {} for entry in analysis["missing_kpis"]}
    for entry in analysis["kpis"]:
        values = rows.setdefault(entry["id"], {})
        if entry["value"] is not None:
            values[entry["entity"]] = amount(entry["value"], analysis["run"]["currency"])
    return rows


def amount(value, currency):
    if not isinstance(value, dict):
        return value
    if value["currency"] != currency:
        raise AssertionError(f"{value} is not in {currency}")
    return Decimal(value["minor"]) / 100


def compare(analysis, books, night):
    """(the differences, {kpi: how many values agree}). What neither side knows is agreed on too, and not counted."""
    product, agreed, different = figures(analysis), {}, []
    for name, by_hand in compute(books, night).items():
        kind = KPIS[name].kind
        if name not in product:
            # Only a KPI of businesses that the portfolio does not have may be neither there nor missing.
            if kind is None or kind in books.kinds.values():
                different.append(Difference(name, None, night, "neither a figure nor missing", by_hand))
            continue
        agreed[name] = 0
        for entity in sorted({*product[name], *by_hand}, key=str):
            theirs, ours = product[name].get(entity), by_hand.get(entity)
            if same(theirs, ours, KPIS[name].unit):
                agreed[name] += 1
            else:
                different.append(Difference(name, entity, night, theirs, ours))
    return different, agreed


def same(theirs, ours, unit):
    if theirs is None or ours is None:
        return False  # one of the two knows it
    if unit == DATE:
        return theirs == str(ours)
    if unit in {COUNT, MONEY}:
        return theirs == ours
    return Decimal(theirs).quantize(STEP[unit]) == ours
