#!/usr/bin/env python3
"""A portfolio of many entities: how long their KPIs take, and the whole analysis.

usage: benches/analyzer/entities.py EVALUATE QUARTERDECK [--entities N]... [--times N]

The portfolio is the example, harbor, with more entities of all its kinds: each is one of harbor's six over again, with all that is on record of
that one (bookings, jobs, invoices, contracts, leads, payments, the ledger, budgets, …) under an id of its own. So a hundred entities have some
20 bookings a day, and almost all KPIs of the built-in catalog can be computed. QUARTERDECK runs harbor's night for this and tells its tables;
EVALUATE is the analyzer's example of that name.

Ends with 1 if this bench's Parquet is not laid out as the collector's is, which that night shows.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pyarrow as pa
from snapshot import Snapshot, like_the_collectors

ROOT = Path(__file__).resolve().parents[2]
HARBOR, DATE, RUN = ROOT / "examples/harbor", "2026-11-20", "harbor.2026-11-20"
READERS = {"date": "day", "timestamp": "instant", "int": "whole", "decimal": "money", "ratio": "ratio", "bool": "flag"}
SIZES, LIMIT_OF, LIMIT_S = [100, 1000], 100, 3.0


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ, TOKIO_WORKER_THREADS="2"))
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed")
    return done.stdout


def canonical(quarterdeck, schema, out):
    """{table: {entity: rows}} of harbor's night, each row's cells as text."""
    tables = {}
    for table in schema:
        found = json.loads(run([quarterdeck, "query", HARBOR, f"select * from {table}", "--date", DATE, "--out", out, "--json"]))
        of_entity = tables.setdefault(table, {})
        for row in found:
            if row["entity"] is not None:
                of_entity.setdefault(row["entity"], []).append({name: text(cell) for name, cell in row.items()})
    return tables


def text(cell):
    return str(cell).lower() if isinstance(cell, bool) else None if cell is None else str(cell)


def portfolio(folder, schema, clones, models):
    """Harbor's folder with the other entities, and for each table a piece that reads theirs."""
    shutil.copytree(HARBOR / "catalog", folder / "catalog")
    toml = (HARBOR / "portfolio.toml").read_text(encoding="utf-8")
    for clone, model in clones:
        toml += f'\n[[entities]]\nid = "{clone}"\ntitle = "{models[model]["title"]} {clone[-4:]}"\n'
        toml += "".join(f'{key} = "{models[model][key]}"\n' for key in ["kind", "stage", "owner"])
    for table, definition in schema.items():
        columns = definition["columns"].items()
        toml += f'\n[[sources.dynamodb]]\ntable = "more-{table}"\ncore = false\nattributes = {json.dumps(list(definition["columns"]))}\n'
        read = ", ".join(f"{READERS[kind]}({name}) as {name}" if kind in READERS else name for name, kind in columns)
        (folder / f"catalog/views/{table}.more.sql").write_text(f"select {read}\nfrom raw.more_{table}\n", encoding="utf-8")
    (folder / "portfolio.toml").write_text(toml, encoding="utf-8")


def rows_of(clones, definition, of_entity):
    """One table of all clones: what their model has, under their names."""
    columns = {name: [] for name in definition["columns"]}
    for clone, model in clones:
        rows = of_entity.get(model, [])
        for name, cells in columns.items():
            cells.extend([clone] * len(rows) if name == "entity" else [row[name] for row in rows])
    return pa.table({name: pa.chunked_array([pa.array(cells, pa.string())]) for name, cells in columns.items()})


def evaluated(evaluate, work, objects, schema, tables, models, count, times):
    folder, store, names = work / f"portfolio-{count}", work / f"objects-{count}", list(models)
    clones = [(f"{names[n % len(names)]}-{n:04d}", names[n % len(names)]) for n in range(len(names), count)]
    folder.mkdir()
    portfolio(folder, schema, clones, models)
    shutil.copytree(objects, store)
    snapshot = Snapshot(store, RUN)
    for table, definition in schema.items():
        snapshot.add(f"more-{table}", rows_of(clones, definition, tables[table]))
    told = [json.loads(run([evaluate, "night", store, folder, RUN])) for _ in range(times)]
    shutil.rmtree(store)
    return told


def report(told):
    first = told[0]
    seconds = {what: statistics.median(one[what] for one in told) for what in ["kpis_s", "night_s", "load_s"]}
    limit = f" (limit {LIMIT_S:.0f} s)" if first["entities"] == LIMIT_OF else ""
    print(f"{first['entities']:,} entities, {first['bookings']:,} bookings: {first['computable']} of {first['asked']} KPIs, {first['values']:,} values "
          f"in {seconds['kpis_s']:.2f} s{limit}; the whole analysis {seconds['night_s']:.2f} s, of which load {seconds['load_s']:.2f} s; "
          f"peak {max(one['peak_mb'] for one in told)} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evaluate", type=Path)
    parser.add_argument("quarterdeck", type=Path)
    parser.add_argument("--entities", type=int, action="append")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    schema = tomllib.loads((ROOT / "catalog/schema.toml").read_text(encoding="utf-8"))
    settings = tomllib.loads((HARBOR / "portfolio.toml").read_text(encoding="utf-8"))
    models = {entity["id"]: entity for entity in settings["entities"]}
    work = Path(tempfile.mkdtemp(prefix="quarterdeck-entities-"))
    try:
        out = work / "out"
        run([options.quarterdeck, "run", HARBOR, "--date", DATE, "--out", out, "--only", "ceo"])
        objects = out / ".quarterdeck/objects"
        ledger = objects / f"runs/{RUN}/g0/snapshot/dynamodb.ledger-transactions/ledger-transactions-0.parquet"
        if unlike := like_the_collectors(ledger, work / "copy.parquet"):
            sys.exit(f"this bench's Parquet is not the collector's: {unlike}")
        tables = canonical(options.quarterdeck, schema, out)
        for count in options.entities or SIZES:
            report(evaluated(options.evaluate, work, objects, schema, tables, models, count, options.times))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
