"""Writes the example's tables and its recorded inventory: `python3 examples/harbor/generate`. Standard library only.

Start here: `world()` builds the businesses one after the other, all of them posting to one ledger; `write()` puts down
what each table held after the night of 20 November 2026 and, under `nights/`, where it held something else a night before.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cloud
import dc
import eyd
import flaws
import inventory
import jada
import ledger as books
import mess
import qdn
import qos
import rental
import shared
from core import EARLIER, END, rng

HARBOR = Path(__file__).parent.parent
DYNAMODB_JSON = {"scc-events", "qdn-messages", "dc-clients", "rental-maintenance", "eyd-jobs", "ledger-accounts"}


def world():
    ledger = books.Ledger()
    tables = {"jada-calendar": jada.build(ledger)}
    tables["scc-events"] = qos.events(ledger) + list(qos.outings(tables["jada-calendar"]))
    tables |= {"qos-guests": qos.guests(), "qos-campaigns": qos.campaigns(), "qos-waivers": []}
    tables |= qdn.build(ledger) | dc.build(ledger) | rental.build(ledger) | eyd.build(ledger)
    paid = flaws.overnight(tables)
    ledger.post(END, "dc", "received from brewery", [("1010", paid), ("1100", -paid)], counterparty="brewery")
    flaws.plant(ledger)
    shared.post(ledger, cloud.bills())
    tables |= {"ledger-transactions": books.transaction_rows(ledger), "ledger-accounts": list(books.account_rows(ledger))}
    return tables | {"equity": list(shared.equity()), "budgets": list(shared.budgets())}


def lines(table, rows, night):
    """The table as newline-delimited JSON, items in an order of their own (a scan has none worth having)."""
    items = [item for row in rows if (item := row.on(night)) is not None]
    rng(f"order/{table}").shuffle(items)
    for item in items:
        if table in DYNAMODB_JSON:
            item = {name: mess.dynamodb(value) for name, value in item.items()}
        yield json.dumps(item, ensure_ascii=False, default=mess.plain_json, separators=(",", ":")) + "\n"


def put(path, text):
    """In one step, and only what is new: a run that reads these tables may be under way."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write(kind, contents):
    """`contents(night)` -> {file name: text}. The earlier night gets only the files that differ from the later one's."""
    now, before = contents(END), contents(EARLIER)
    for folder, files in (
        (HARBOR / kind, now),
        (HARBOR / "nights" / EARLIER.isoformat() / kind, {name: text for name, text in before.items() if text != now[name]}),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in sorted(files.items()):
            put(folder / f"{name}.ndjson", text)
        for found in folder.glob("*.ndjson"):
            if found.stem not in files:
                found.unlink(missing_ok=True)
    return sum(text.count("\n") for text in now.values())


def main():
    tables = world()
    items = write("tables", lambda night: {name: "".join(lines(name, rows, night)) for name, rows in tables.items()})
    recorded = write("inventory", inventory.files)
    print(f"harbor: {items:,} items in {len(tables)} tables, {recorded:,} inventory rows")


if __name__ == "__main__":
    main()
