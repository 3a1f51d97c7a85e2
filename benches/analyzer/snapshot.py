"""A night's snapshot as the collector writes it: Parquet files of text columns, and for each part the manifest that names them.

The files are written here and not by the collector, for a local run of it reads its tables from the embedded DynamoDB, into which a million
items would first have to be put, one by one, for half an hour. So that the analyzer cannot tell: columns sorted by name, every one nullable
text, zstd at level 1, dictionaries, no statistics (services/collector/src/snapshot/parquet.rs), and a file ends where the
collector's does (services/collector/src/snapshot/chunk.rs). `make bench` holds this writer against a file of the collector's own.
"""
import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MAX_ROWS, MAX_BYTES, CELL = 65_536, 32 * 1024 * 1024, 12


class Snapshot:
    """The parts of one run below a folder that the analyzer takes for its store of objects."""

    def __init__(self, folder, run):
        self.folder, self.prefix = Path(folder), f"runs/{run}/g0/snapshot"
        (self.folder / self.prefix).mkdir(parents=True, exist_ok=True)

    def add(self, table, rows):
        """One table of text columns, its rows in the order of their key, as a part of its own. Answers (files, bytes)."""
        part = f"dynamodb.{table}"
        files = [self._file(f"{self.prefix}/{part}/{table}-{n}.parquet", chunk) for n, chunk in enumerate(chunks(rows))]
        size = sum(file["input"]["bytes"] for file in files)
        manifest = {
            "part": part, "kind": "dynamodb", "entity": None, "core": True, "state": "ok", "reason": None, "rows": len(rows), "bytes": size,
            "tables": [{"namespace": "raw", "table": table, "columns": sorted(rows.column_names), "files": files}],
        }
        (self.folder / f"{self.prefix}/{part}.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        return len(files), size

    def _file(self, key, rows):
        path = self.folder / key
        path.parent.mkdir(exist_ok=True)
        write(path, rows)
        data = path.read_bytes()
        return {"input": {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}, "rows": len(rows)}


def chunks(rows):
    """The rows, cut where the collector cuts them: at so many rows, or after the row that fills so many bytes of text and cells."""
    sizes = [0] * len(rows)
    for column in rows.columns:
        # A cell that is not there takes no place.
        lengths = pc.fill_null(pc.add(pc.binary_length(column), CELL), 0)
        sizes = [size + length for size, length in zip(sizes, lengths.to_pylist())]
    first, held = 0, 0
    for row, size in enumerate(sizes):
        held += size
        if held >= MAX_BYTES or row + 1 - first >= MAX_ROWS:
            yield rows.slice(first, row + 1 - first)
            first, held = row + 1, 0
    if first < len(rows):
        yield rows.slice(first)


def write(path, rows):
    rows = rows.select(sorted(rows.column_names)).combine_chunks()
    pq.write_table(rows, path, compression="zstd", compression_level=1, version="2.6", data_page_version="1.0",
                   use_dictionary=True, write_statistics=False, store_schema=False, row_group_size=1 << 20)


def like_the_collectors(path, copy):
    """Writes a file of the collector's anew; answers what is different, in words, or nothing."""
    write(copy, pa.table({name: column.cast(pa.string()) for name, column in zip(*columns_of(path))}))
    theirs, ours = (pq.ParquetFile(file).metadata for file in (path, copy))
    if [g.num_rows for g in groups(theirs)] != [g.num_rows for g in groups(ours)]:
        return "other row groups"
    for place in range(theirs.num_columns):
        pair = [[g.column(place) for g in groups(m)] for m in (theirs, ours)]
        for name in ["path_in_schema", "physical_type", "compression", "has_dictionary_page", "is_stats_set"]:
            if len({tuple(getattr(c, name) for c in columns) for columns in pair}) > 1:
                return f"{name} of column {pair[0][0].path_in_schema}"
        if len({frozenset(c.encodings) for columns in pair for c in columns}) > 1:
            return f"encodings of column {pair[0][0].path_in_schema}"
    sizes = [Path(file).stat().st_size for file in (path, copy)]
    return None if 0.9 < sizes[1] / sizes[0] < 1.1 else f"{sizes[1]} bytes instead of {sizes[0]}"


def columns_of(path):
    table = pq.read_table(path)
    return table.column_names, table.columns


def groups(metadata):
    return [metadata.row_group(n) for n in range(metadata.num_row_groups)]
