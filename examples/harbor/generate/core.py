"""What every module shares: the calendar of the example, seeded randomness, and a row that knows since when it exists.

The example is seen on two nights. A `Row` therefore carries the date it first existed and, where something about it
changed between the two nights, the attributes as they were before.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

START = date(2024, 11, 21)  # two years of history ...
END = date(2026, 11, 20)  # ... to this business date
EARLIER = date(2026, 11, 19)  # the night before it
SEED = 20261120


def rng(name):
    """A generator of its own per module, so that a change in one table leaves the others as they are."""
    return random.Random(f"{SEED}/{name}")


@dataclass
class Row:
    item: dict
    since: date = START
    changed: date | None = None  # from this date on the item is as above,
    was: dict = field(default_factory=dict)  # and before it had these attributes (None: had none)

    def on(self, night):
        """The item as the table holds it after `night`, or None if it is not there yet."""
        if self.since > night:
            return None
        if self.changed is None or night >= self.changed:
            return self.item
        before = {**self.item, **self.was}
        return {key: value for key, value in before.items() if value is not None}


def days(first, last):
    while first <= last:
        yield first
        first += timedelta(days=1)


def months(first=START, last=END):
    """First day of each month from the one of `first` to the one of `last`."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = next_month(month)


def next_month(day):
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def spread(random_, month, count, first=START, last=END, weekend=3):
    """`count` days of a month within the history, weekends `weekend` times as likely, in order."""
    start, stop = max(month, first), min(next_month(month) - timedelta(days=1), last)
    if start > stop:
        return []
    open_days = list(days(start, stop))
    weights = [weekend if day.weekday() >= 4 else 1 for day in open_days]
    return sorted(random_.choices(open_days, weights, k=count))


def deck(random_, cards):
    """Deals the cards shuffled, over and over: random order, steady averages."""
    while True:
        hand = list(cards)
        random_.shuffle(hand)
        yield from hand
