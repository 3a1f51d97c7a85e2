"""The books: a double-entry journal that the businesses post to, and its two tables.

Amounts are integer cents, debit positive. `post` refuses an unbalanced entry; the few wrong ones that the accounting
document must find are put in on purpose by `flaws.py`, past that check.
"""

from collections import defaultdict
from datetime import timedelta

import chart
import mess
from core import END, Row, rng


class Ledger:
    def __init__(self):
        self.entries = []  # (day, entity, memo, [(number, cents)], kind, counterparty, receipt)

    def post(self, day, entity, memo, lines, kind="operating", counterparty=None, receipt=True):
        lines = [(number, cents) for number, cents in lines if cents]
        assert sum(cents for _, cents in lines) == 0, (day, entity, memo, lines)
        if lines and day <= END:
            self.post_anyway(day, entity, memo, lines, kind, counterparty, receipt)

    def post_anyway(self, day, entity, memo, lines, kind="operating", counterparty=None, receipt=True):
        self.entries.append((day, entity, memo, lines, kind, counterparty, receipt))

    def pay(self, day, entity, number, cents, memo, counterparty=None, receipt=True):
        """An expense paid from the bank."""
        self.post(day, entity, memo, [(number, cents), ("1010", -cents)], "operating", counterparty, receipt)

    def balance(self, entity, number, until=END, since=None):
        """Of one account, over the entries from `since` to `until`."""
        return sum(
            cents
            for day, owner, _, lines, *_ in self.entries
            if owner == entity and day <= until and (since is None or day >= since)
            for line, cents in lines
            if line == number
        )

    def payroll(self, day, entity, gross, who):
        withheld = gross * 21 // 100
        lines = [("7050", gross), ("1010", withheld - gross), ("2300", -withheld)]
        self.post(day, entity, f"payroll {day:%d %b}", lines, "operating", who)

    def remit(self, day, entity, number, memo, counterparty):
        """Pays over what stands on a liability account."""
        owed = -self.balance(entity, number, day - timedelta(days=1))
        if owed > 0:
            self.post(day, entity, memo, [(number, owed), ("1010", -owed)], "operating", counterparty)


def transaction_rows(ledger):
    """One item per journal line under `PK` = transaction, `SK` = line. Three generations of writers, three shapes."""
    random_ = rng("ledger")
    counters = defaultdict(int)
    rows = []
    for day, entity, memo, lines, kind, counterparty, receipt in sorted(ledger.entries, key=lambda entry: entry[0]):
        counters[day] += 1
        key = f"TXN#{day:%Y%m%d}-{counters[day]:03d}"
        for index, (number, cents) in enumerate(lines, 1):
            item = {"PK": key, "SK": f"LINE#{index:02d}", "entity": entity, "account": f"{chart.PREFIX[entity]}-{number}"}
            moment = mess.at(day)
            if day.year < 2025 or (day.year == 2025 and day.month < 7):
                item |= {"date": mess.us_day(moment), "amount": mess.plain(cents), "type": kind}
            elif day.year == 2025:
                side = "debit" if cents > 0 else "credit"
                item |= {"posted_at": mess.epoch(moment), side: mess.money(random_, abs(cents)), "kind": kind.upper()}
            else:
                item |= {"posted_on": mess.iso_day(moment), "amount": mess.number(cents), "kind": kind}
            item["memo"] = memo
            if counterparty:
                item["counterparty"] = counterparty
            if number[0] in "5679":
                item["receipt"] = random_.choice([True, "yes", "Y"]) if receipt else random_.choice([False, "no"])
            rows.append(Row(item, since=day))
    return rows


def account_rows(ledger):
    used = {(entity, number) for _, entity, _, lines, *_ in ledger.entries for number, _ in lines}
    stale = {("jada", "1020"), ("qdn", "1010"), ("eyd", "1010")}  # not reconciled for more than a week
    for entity, number, name, kind, parent, flags in chart.accounts(used):
        prefix = chart.PREFIX[entity]
        item = {"id": f"{prefix}-{number}", "entity": entity, "name": name, "type": kind, "postable": "p" not in flags}
        if parent:
            item["parent"] = f"{prefix}-{parent}"
        if "c" in flags:
            item["cash"] = True
            seen = END - timedelta(days=34 if (entity, number) in stale else 3)
            item["reconciled_on"] = mess.iso_day(mess.at(seen))
        if "r" in flags:
            item["restricted"] = "yes"
        yield Row(item)
