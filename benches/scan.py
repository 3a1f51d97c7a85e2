#!/usr/bin/env python3
"""A table of a million items over HTTP: this collector, which sorts it into Parquet, beside boto3, which writes lines of JSON.

usage: benches/scan.py BIN_FOLDER [--items N] [--processes N]

All read the same server, an embedded DynamoDB on loopback, one after the other on the same machine; the server's own work is in
everybody's time. boto3 is run as its guides show it, as threads over the segments of a parallel scan, and as processes. Prints a table,
and ends with 1 if anybody's rows are not the rows that were written.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

TABLE = "bookings"
SEGMENTS = 8
WORDS = "harbor skipper mooring ledger invoice paid pending charter deckhand fuel weather canvas anchor tide guest refund".split()


def items(count):
    """Items of about 400 bytes as a booking has them, in the order of their key."""
    draw = random.Random(2026)
    for n in range(count):
        yield {
            "id": f"bk-{n:08d}", "event_type": draw.choice(["charter", "tour", "block"]), "source": draw.choice(WORDS),
            "charter_date": f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}", "duration_hours": n % 9 + 1,
            "gross_revenue": f"{n % 900}.75", "crew_cost": n % 400, "status": draw.choice(["confirmed", "held", "cancelled"]),
            "deposit": n % 3 == 0, "booked_at": 1782000000 + n, "customer": f"customer-{draw.randrange(10**9):09d}",
            "notes": " ".join(draw.choice(WORDS) for _ in range(20)),
        }


def text(value):
    """As a snapshot has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def line(item):
    cells = {name: text(value) for name, value in sorted(item.items())}
    return (json.dumps(cells, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def write_source(path, count):
    digest, size = hashlib.sha256(), 0
    with open(path, "w", encoding="utf-8") as out:
        for item in items(count):
            row = json.dumps(item, separators=(",", ":"))
            size += len(row)
            out.write(row + "\n")
            digest.update(line(item))
    return digest.hexdigest(), size


def measured(command):
    """Wall seconds, processor seconds, peak resident MB and output of a process."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def scan_segment(endpoint, segment, path):
    """What a script does: the resource's pages, numbers as they come, one JSON object a line."""
    import boto3  # the cloud tests' venv has it; the collector's half needs nothing

    table = boto3.session.Session().resource(
        "dynamodb", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="local", aws_secret_access_key="local"
    ).Table(TABLE)
    more, count = {}, 0
    with open(path, "w", encoding="utf-8") as out:
        while True:
            page = table.scan(Segment=segment, TotalSegments=SEGMENTS, **more)
            for item in page["Items"]:
                out.write(json.dumps(item, default=str, ensure_ascii=False) + "\n")
            count += len(page["Items"])
            if "LastEvaluatedKey" not in page:
                return count
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def boto3_scan(endpoint, folder, processes):
    pool = ProcessPoolExecutor(processes) if processes else ThreadPoolExecutor(SEGMENTS)
    with pool:
        jobs = [pool.submit(scan_segment, endpoint, s, f"{folder}/{s}.ndjson") for s in range(SEGMENTS)]
        print(sum(job.result() for job in jobs))


def digest_of_lines(folder):
    rows = [json.loads(row) for path in Path(folder).glob("*.ndjson") for row in open(path, encoding="utf-8")]
    rows.sort(key=lambda row: row["id"])
    digest = hashlib.sha256()
    for row in rows:
        digest.update(line(row))
    return digest.hexdigest()


def digest_of_snapshot(collect, folder):
    child = subprocess.Popen([collect, "--rows", folder], stdout=subprocess.PIPE)
    digest = hashlib.sha256()
    while block := child.stdout.read(1 << 20):
        digest.update(block)
    if child.wait() != 0:
        sys.exit("the snapshot cannot be read back")
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=Path)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--scan", nargs=3, metavar=("ENDPOINT", "FOLDER", "PROCESSES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.scan:
        endpoint, folder, processes = arguments.scan
        return boto3_scan(endpoint, folder, int(processes))
    work = Path(tempfile.mkdtemp(prefix="quarterdeck-scan-"))
    examples = arguments.bin / "examples"
    try:
        source = work / "source.ndjson"
        expected, size = write_source(source, arguments.items)
        server = subprocess.Popen(
            [examples / "dynamodb_server", TABLE, source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            endpoint = server.stdout.readline().strip()
            results = compare(arguments, examples, endpoint, work)
        finally:
            server.stdin.close()
            server.wait()
    finally:
        shutil.rmtree(work)
    return report(results, arguments.items, size, expected)


def compare(arguments, examples, endpoint, work):
    """Name, wall, processor, MB, rows and digest of each."""
    snapshot = work / "snapshot"
    wall, processor, peak, output = measured([examples / "collect_table", endpoint, TABLE, snapshot])
    found = digest_of_snapshot(examples / "collect_table", snapshot)
    results = [("quarterdeck", wall, processor, peak, int(output.split()[0]), found)]
    for name, processes in [(f"boto3, {SEGMENTS} threads", 0), (f"boto3, {arguments.processes} processes", arguments.processes)]:
        folder = work / f"boto3-{processes}"
        folder.mkdir()
        script = [sys.executable, __file__, arguments.bin, "--scan", endpoint, folder, str(processes)]
        wall, processor, peak, output = measured(script)
        results.append((name, wall, processor, peak, int(output), digest_of_lines(folder)))
        shutil.rmtree(folder)
    return results


def report(results, count, size, expected):
    print(f"{count:,} items, {size / count:.0f} bytes each, {size / 1e6:.0f} MB of JSON; sha256 of the rows {expected[:12]}")
    print(f"{'':22} {'wall s':>8} {'cpu s':>8} {'items/s':>9} {'MB/s':>6} {'peak MB':>8} {'x':>6}  {'rows':>9}  rows are the source's")
    ours, agree = results[0][1], True
    for name, wall, processor, peak, rows, digest in results:
        same = rows == count and digest == expected
        agree = agree and same
        print(f"{name:22} {wall:8.1f} {processor:8.1f} {rows / wall:9,.0f} {size / wall / 1e6:6.1f} {peak:8.0f} {wall / ours:6.2f}"
              f"  {rows:9,}  {'yes' if same else 'NO, ' + digest[:12]}")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
