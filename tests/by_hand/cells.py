"""Reads raw tables and the cells that people and programs left in them. Start at test_harbor.py.

What a cell means is decided here alone: nothing is shared with the product's parsers. A cell that says nothing is None.
"""

import json
import re
from datetime import date, datetime, timezone
from decimal import Decimal

TAGS = {"S", "N", "BOOL", "NULL", "M", "L", "SS", "NS", "B"}  # of DynamoDB's own JSON


def table(folder, name):
    """The items of a table, each a dict of plain values. Numbers stay decimal: 12.1 is no float."""
    with (folder / f"{name}.ndjson").open(encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line, parse_float=Decimal)
            if all(tagged(value) for value in item.values()):
                item = {key: untagged(value) for key, value in item.items()}
            yield {key: value for key, value in item.items() if value is not None}


def tagged(value):
    return isinstance(value, dict) and len(value) == 1 and set(value) <= TAGS


def untagged(value):
    ((tag, inner),) = value.items()
    if tag == "M":
        return {key: untagged(each) for key, each in inner.items()}
    if tag == "L":
        return [untagged(each) for each in inner]
    return None if tag == "NULL" else inner


def money(cell):
    """`840.75`, `"$1,840.75"`, `-3`; None for `TBD`. Numbers of any other kind are written the same way."""
    found = re.fullmatch(r"(-?)\$?(\d[\d,]*(?:\.\d+)?)", str(cell).strip())
    return Decimal(found[1] + found[2].replace(",", "")) if found else None


def owed(cell):
    """Money where an absent cell means that there is none: a discount, a commission."""
    return Decimal(0) if cell is None else money(cell)


def whole(cell):
    number = money(cell)
    return None if number is None or number % 1 else int(number)


def percent(cell):
    """`3`, `"3%"` and `"3 %"` are all 0.03."""
    number = money(str(cell).rstrip("% "))
    return None if number is None else number / 100


def yes(cell):
    return str(cell).strip().lower() in {"true", "yes", "y", "1", "on"}


def day(cell, zone):
    """The day in the business's zone: of an ISO date or time, of `7/1/2015` (month first), of epoch seconds or milliseconds."""
    text = str(cell).strip()
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return datetime.fromtimestamp(int(text[:10]), timezone.utc).astimezone(zone).date()
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        month, day_of_month, year = map(int, found.groups())
        return date(year, month, day_of_month)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A time without a zone is the business's own.
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def section_table(text, section):
    """The rows of the first table below a Markdown heading that has this word, as dicts by lower-case header."""
    inside, header = False, None
    for line in text.splitlines():
        if line.startswith("#"):
            inside = section in line.lower()
        if not (inside and line.startswith("|")):
            if header:
                return
            continue
        # `|a||b|` has an empty cell in the middle; only the outer bars are no cells.
        row = [cell.strip() for cell in line.removeprefix("|").strip().removesuffix("|").split("|")]
        if header is None:
            header = [cell.lower() for cell in row]
        elif not re.fullmatch(r"[-:| ]+", line):
            yield dict(zip(header, row))
