#!/usr/bin/env python3
"""A million bookings: the analyzer beside DuckDB, on the same Parquet and the same queries; then two queries that have to spill.

usage: benches/analyzer/bookings.py EVALUATE [--rows N] [--times N] [--spill MB]

EVALUATE is the example of that name of the analyzer. The bookings are drawn from the hotel data (hotel_rows.py). Either side loads them (the
canonical tables and all derived views, in memory) and computes the KPIs of bookings, channels and rentals that these tables can answer, each over
its period and those that it is compared with; in a process of its own, in turn, on two threads. The analyzer's time for KPIs is that of a night:
planned once for all periods, three KPIs at a time. DuckDB is asked one query after the other, with the values in them.

Ends with 1 if the sides disagree on any value, on how many rows a table has, or on how many values are in any column of it: then no time counts.
Also if what had to spill did not, or answered otherwise.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from decimal import Decimal, InvalidOperation
from pathlib import Path

HERE = Path(__file__).resolve().parent
PORTFOLIO, RUN, FILES = HERE / "hotels", "hotels.2026-11-20", ["kpis/bookings.toml", "kpis/channels.toml", "kpis/rental.toml"]
THREADS, LIMIT = 2, 1.2


def generate(folder, count):
    """In a process of its own: what it holds is no part of what is measured. Answers (files, bytes)."""
    made = subprocess.run([sys.executable, HERE / "hotel_rows.py", folder, RUN, str(count)], stdout=subprocess.PIPE, text=True)
    if made.returncode:
        sys.exit(made.returncode)
    return map(int, made.stdout.split())


def ask(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ, TOKIO_WORKER_THREADS=str(THREADS)))
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed")
    return json.loads(done.stdout)


def differences(ours, theirs):
    """What the two sides do not agree on, in words."""
    found = [f"{what} of the analyzer: {ours[what]}" for what in ["problems", "unreadable"] if ours[what]]
    named = {view["name"]: view for view in ours["derived"]}
    pairs = list(zip(ours["canonical"], theirs["canonical"])) + [(named[view["name"]], view) for view in theirs["derived"]]
    for table, other in pairs:
        if (table["rows"], table["values"]) != (other["rows"], other["values"]):
            found.append(f"table {table['name']}: {table['rows']} rows, {table['values']}; DuckDB: {other['rows']} rows, {other['values']}")
    if len(ours["queries"]) != len(theirs["queries"]):
        found.append(f"{len(ours['queries'])} queries; DuckDB: {len(theirs['queries'])}")
    for query, other in zip(ours["queries"], theirs["queries"]):
        rows, others = (sorted(side["rows"], key=lambda row: str(row[0])) for side in (query, other))
        alike = len(rows) == len(others) and all(len(a) == len(b) and all(map(same, a, b)) for a, b in zip(rows, others))
        if query["columns"] != other["columns"] or not alike:
            found.append(f"{query['kpi']} from {query['from']} to {query['to']}: {rows}; DuckDB: {others}")
    return found


def same(ours, theirs):
    """Equal; where DuckDB divides, it answers a double: then to the eighth digit behind the point, the last that the analyzer's has."""
    if isinstance(theirs, float) and isinstance(ours, (str, int, float)) and not isinstance(ours, bool):
        theirs = Decimal(theirs)
        return abs(Decimal(str(ours)) - theirs) <= Decimal("1e-8") + abs(theirs) * Decimal("1e-12")
    if isinstance(ours, str) and isinstance(theirs, (str, int)) and not isinstance(theirs, bool):
        try:
            return Decimal(ours) == Decimal(theirs)
        except InvalidOperation:
            return ours == theirs
    return ours == theirs


def compare(evaluate, folder, times):
    """Both sides in turn; all that they told, and what they disagree on."""
    ours, theirs, wrong = [], [], []
    told = Path(folder) / "told.json"
    for _ in range(times):
        ours.append(ask([evaluate, "kpis", folder, PORTFOLIO, RUN, *FILES]))
        told.write_text(json.dumps(ours[-1]), encoding="utf-8")
        theirs.append(ask([sys.executable, HERE / "duck.py", folder, told, PORTFOLIO / "duckdb", "--threads", str(THREADS)]))
        wrong += differences(ours[-1], theirs[-1])
    return ours, theirs, wrong


def report(ours, theirs):
    sides = {name: [(s["load_s"], s["kpis_s"], s["load_s"] + s["kpis_s"], s["peak_mb"]) for s in side]
             for name, side in [("quarterdeck", ours), (f"DuckDB {theirs[0]['version']}", theirs)]}
    medians = [[statistics.median(column) for column in zip(*rows)] for rows in sides.values()]
    print(f"{'':14} {'load s':>8} {'KPIs s':>8} {'both s':>8} {'peak MB':>8}")
    for name, (load, kpis, both, peak) in zip(sides, medians):
        print(f"{name:14} {load:8.2f} {kpis:8.2f} {both:8.2f} {peak:8.0f}")
    print(f"{'x':14} {medians[0][0] / medians[1][0]:8.2f} {medians[0][1] / medians[1][1]:8.2f} {medians[0][2] / medians[1][2]:8.2f}"
          f"           (limit {LIMIT} for each)")
    reading = statistics.median(s["read_s"] for s in ours)
    print(f"of the analyzer's load, {reading:.2f} s are for fetching, checking and decoding the Parquet")
    print(f"each query by itself, s: {'':22} {'quarterdeck':>11} {'DuckDB':>8}")
    for n, query in enumerate(ours[0]["queries"]):
        first, second = (statistics.median(s["queries"][n]["seconds"] for s in side) for side in (ours, theirs))
        print(f"  {query['kpi']:30} {query['from']:>15} {first:11.4f} {second:8.4f}")


def spill(evaluate, folder, megabytes):
    """Whether both queries spilled, and answered what they do in memory."""
    told = ask([evaluate, "spill", folder, PORTFOLIO, RUN, str(megabytes)])
    print(f"spilling: {told['limit_mb']} MB for a query instead of {told['usual_limit_mb']}, {told['disk_mb']} MB of disk; peak {told['peak_mb']} MB")
    well = True
    for query in told["queries"]:
        spilled = query["less_spilled_mb"] > 0 and query["without_disk"] is not None
        well = well and query["equal"] and spilled
        print(f"  {query['query']:6} {query['usual_s']:.2f} s in memory, {query['less_s']:.2f} s with {query['less_spilled_mb']} MB on disk; "
              f"without a disk: {query['without_disk'] or 'an answer, so NOTHING HAD TO SPILL'}; "
              f"{'equal' if query['equal'] else 'NOT EQUAL: ' + str(query['error'])}")
    return well


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evaluate", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--spill", type=int, default=40, metavar="MB")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="quarterdeck-bookings-")
    try:
        files, size = generate(folder, options.rows)
        print(f"{options.rows:,} bookings of 4 businesses in {files} files, {size / 1e6:.1f} MB of Parquet; {THREADS} threads, medians of "
              f"{options.times} runs in turn")
        ours, theirs, wrong = compare(options.evaluate, folder, options.times)
        report(ours, theirs)
        asked = len({query["kpi"] for query in ours[0]["queries"]})
        print(f"{asked} KPIs, {len(ours[0]['queries'])} queries; not asked, for want of a table: {', '.join(ours[0]['missing']) or 'none'}")
        print("\n".join(["THE SIDES DISAGREE, no time above counts:", *wrong]) if wrong else "every value is the same on both sides")
        spilled = spill(options.evaluate, folder, options.spill)
    finally:
        shutil.rmtree(folder)
    return 0 if spilled and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
