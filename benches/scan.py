#!/usr/bin/env python3
"""A table of a million items over HTTP: this collector, which sorts it into Parquet, beside boto3, which writes lines of JSON.

usage: benches/scan.py BIN_FOLDER [--items N] [--processes N]

All read the same server on loopback, one after the other on the same machine. It speaks DynamoDB's protocol from memory, in pages of about
a megabyte: the embedded DynamoDB has no index for segments, so that each page of a parallel scan of a million items reads all of them, and
every client's time would be its. boto3 is run as its guides show it, as threads over the segments of a parallel scan, and as processes.
Prints a table, and ends with 1 if anybody's rows are not the rows that were written.
"""
import argparse
import hashlib
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

TABLE = "bookings"
SEGMENTS = 8
PAGE = 2500  # items, as 1 MB is
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
            "notes": " ".join(draw.choice(WORDS) for _ in range(30)),
        }


def text(value):
    """As a snapshot has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def line(item):
    cells = {name: text(value) for name, value in sorted(item.items())}
    return (json.dumps(cells, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def attribute(value):
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


class Table:
    """A table of one key, `id`, that costs its server next to nothing: its segments are ranges, its items are bytes already."""

    def __init__(self, count):
        self.items, self.places, digest, self.size = [], {}, hashlib.sha256(), 0
        for place, item in enumerate(items(count)):
            self.places[item["id"]] = place
            self.items.append(json.dumps({n: attribute(v) for n, v in item.items()}, separators=(",", ":")).encode())
            self.size += sum(len(name) + len(text(value)) for name, value in item.items())
            digest.update(line(item))
        self.digest = digest.hexdigest()

    def describe(self):
        key = [{"AttributeName": "id", "KeyType": "HASH"}]
        table = {"TableName": TABLE, "TableSizeBytes": self.size, "ItemCount": len(self.items), "KeySchema": key, "TableStatus": "ACTIVE"}
        return json.dumps({"Table": table}).encode()

    def scan(self, request):
        segment, of = request.get("Segment", 0), request.get("TotalSegments", 1)
        first, end = (len(self.items) * n // of for n in (segment, segment + 1))
        if "ExclusiveStartKey" in request:
            first = self.places[request["ExclusiveStartKey"]["id"]["S"]] + 1
        page = self.items[first:min(end, first + PAGE)]
        rest = b',"Count":%d,"ScannedCount":%d,"ConsumedCapacity":{"TableName":"%s","CapacityUnits":128}' % (
            len(page), len(page), TABLE.encode())
        if first + PAGE < end:
            rest += b',"LastEvaluatedKey":{"id":' + json.dumps(json.loads(page[-1])["id"]).encode() + b"}"
        return b'{"Items":[' + b",".join(page) + b"]" + rest + b"}"


def serve(count):
    """Says where it is and what it has, then answers until its standard input ends."""
    table = Table(count)

    class Protocol(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            is_scan = self.headers["x-amz-target"].endswith(".Scan")
            body = table.scan(request) if is_scan else table.describe()
            self.send_response(200)
            self.send_header("content-type", "application/x-amz-json-1.0")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Protocol)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"endpoint": f"http://127.0.0.1:{server.server_port}", "digest": table.digest, "size": table.size}), flush=True)
    sys.stdin.read()


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
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--scan", nargs=3, metavar=("ENDPOINT", "FOLDER", "PROCESSES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.scan:
        endpoint, folder, processes = arguments.scan
        return boto3_scan(endpoint, folder, int(processes))
    if arguments.serve:
        return serve(arguments.serve)
    work = Path(tempfile.mkdtemp(prefix="quarterdeck-scan-"))
    server = subprocess.Popen(
        [sys.executable, __file__, arguments.bin, "--serve", str(arguments.items)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        source = json.loads(server.stdout.readline())
        results = compare(arguments, arguments.bin / "examples" / "collect_table", source["endpoint"], work)
    finally:
        server.stdin.close()
        server.wait()
        shutil.rmtree(work)
    return report(results, arguments.items, source["size"], source["digest"])


def compare(arguments, collect, endpoint, work):
    """Name, wall, processor, MB, rows and digest of each."""
    snapshot = work / "snapshot"
    wall, processor, peak, output = measured([collect, endpoint, TABLE, snapshot])
    found = digest_of_snapshot(collect, snapshot)
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
    print(f"{count:,} items, {size / count:.0f} bytes each, {size / 1e6:.0f} MB; sha256 of the rows {expected[:12]}")
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
