"""DuckDB's side: the same Parquet, the same tables, the same queries, in one process. Prints JSON as `evaluate kpis` does.

usage: duck.py FOLDER TOLD TRANSLATIONS [--threads N]

TOLD is what `evaluate kpis` printed: the tables that the catalog has, its pieces and derived views, and each query with its values in it.
Pieces read text by tolerant functions, which DuckDB has not; TRANSLATIONS has those pieces by hand. All else runs as it stands.
"""
import argparse
import json
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

TYPES = {"text": "varchar", "date": "date", "timestamp": "timestamp", "int": "bigint", "decimal": "decimal(38, 4)", "ratio": "decimal(18, 6)", "rate": "decimal(24, 12)",
         "bool": "boolean"}
# What DuckDB wants otherwise in what else runs as it stands.
DIALECT = {"b.service_from + b.nights": "b.service_from + cast(b.nights as int)"}
# Derived views of handoffs, inventory and ledger, which a night of bookings has not, by functions that DuckDB has not.
LEFT_OUT = {"cycle_facts", "cost_day", "estimate_line", "pipeline_night"}
# Tables that the analyzer makes of the portfolio and of earlier nights, of which there are none.
EMPTY = {"targets": {"kpi": "text", "entity": "text", "value": "ratio"},
         "history": {"kpi": "text", "entity": "text", "business_date": "date", "value": "ratio"}}


def load(folder, told, translations, threads):
    """A connection with all tables: raw ones as views of the Parquet, all others in memory, as the analyzer has them."""
    duck = duckdb.connect(":memory:", config={"threads": threads})
    duck.execute("create macro fmt_day(d) as strftime(d, '%-d %b %Y')")
    duck.execute("create schema raw")
    for table in told["raw"]:
        files = [str(Path(folder) / file["input"]["key"]) for file in table["files"]]
        duck.execute(f"create view raw.{table['table'].replace('-', '_')} as select * from read_parquet({files}, union_by_name = true)")
    entities = told["entities"]
    empty(duck, "entities", dict.fromkeys(entities["columns"], "text"))
    duck.executemany(f"insert into entities values ({', '.join('?' * len(entities['columns']))})", entities["rows"])
    for name, columns in told["collected"].items():
        empty(duck, name, dict.fromkeys(columns, "text"))
    for name, columns in EMPTY.items():
        empty(duck, name, columns)
    for table in told["canonical"]:
        columns = dict(table["columns"])
        pieces = [sql(piece, translations) for piece in told["pieces"] if piece["table"] == table["name"]]
        if pieces:
            canonical(duck, table["name"], columns, pieces)
        else:
            empty(duck, table["name"], columns)
    for view in asked(told):
        duck.execute(f"create table {view['name']} as {in_dialect(view['sql'])}")
    return duck


def asked(told):
    return [view for view in told["derived"] if view["name"] not in LEFT_OUT]


def in_dialect(text):
    for ours, theirs in DIALECT.items():
        text = text.replace(ours, theirs)
    return text


def empty(duck, name, columns):
    duck.execute(f"create table {name} ({', '.join(f'{quoted(column)} {TYPES[kind]}' for column, kind in columns.items())})")


def sql(piece, translations):
    by_hand = Path(translations) / piece["file"]
    return by_hand.read_text(encoding="utf-8") if by_hand.is_file() else piece["sql"]


def canonical(duck, name, columns, pieces):
    """All pieces under each other, with the columns of the table: those that a piece does not give are NULL."""
    selects = []
    for piece in pieces:
        given = {column[0] for column in duck.execute(f"describe {piece}").fetchall()}
        typed = [f"cast({quoted(c) if c in given else 'null'} as {TYPES[kind]}) as {quoted(c)}" for c, kind in columns.items()]
        selects.append(f"select {', '.join(typed)} from ({piece})")
    duck.execute(f"create table {name} as {' union all '.join(selects)}")


def quoted(name):
    return '"' + name + '"'


def fill(duck, name, columns):
    counts = ", ".join(["count(*)", *(f"count({quoted(column)})" for column in columns)])
    rows, *values = duck.execute(f"select {counts} from {name}").fetchone()
    return {"rows": rows, "values": dict(zip(columns, values))}


def plain(value):
    """As the analyzer's JSON has it: decimals and dates as text; a float stays one."""
    if isinstance(value, (Decimal, date, datetime)):
        return str(value)
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("told", type=Path)
    parser.add_argument("translations")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    told = json.loads(options.told.read_text(encoding="utf-8"))

    began = time.perf_counter()
    duck = load(options.folder, told, options.translations, options.threads)
    loaded = time.perf_counter() - began
    queries = []
    for query in told["queries"]:
        began = time.perf_counter()
        rows = duck.execute(in_dialect(query["sql"])).fetchall()
        taken = time.perf_counter() - began
        columns = [column[0] for column in duck.description]
        queries.append({"seconds": taken, "columns": columns, "rows": [[plain(value) for value in row] for row in rows]})
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    print(json.dumps({
        "version": duckdb.__version__, "load_s": loaded, "kpis_s": sum(query["seconds"] for query in queries),
        "peak_mb": int(peak.split()[1]) // 1024, "queries": queries,
        "canonical": [fill(duck, t["name"], [c for c, _ in t["columns"]]) for t in told["canonical"]],
        "derived": [{"name": view["name"], **fill(duck, view["name"], view["values"])} for view in asked(told)],
    }))


if __name__ == "__main__":
    main()
