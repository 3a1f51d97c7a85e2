"""What a night took: REPORT lines for durations, CloudTrail for requests, the state itself for sizes. tests/infra/test_cost.py prices it."""
import collections
import json
import re
import time
from pathlib import Path

from deployment import BUCKET, NAME

FUNCTIONS = ["collector", "sweeper", "analyzer", "renderer", "mailer", "mail-events"]
DURATION = re.compile(r"Billed Duration: (\d+) ms\tMemory Size: (\d+) MB")


def invocations(aws):
    """Function -> {invocations, milliseconds, memory, log bytes}. Milliseconds are ministack's wall time, cold starts included."""
    logs, found = aws.client("logs"), {}
    for function in FUNCTIONS:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/quarterdeck/test/{function}")
        lines = [event["message"] for page in pages for event in page["events"]]
        reports = [m for line in lines if (m := DURATION.search(line))]
        found[function] = {"invocations": len(reports), "milliseconds": sum(int(m[1]) for m in reports),
                           "memory_mb": int(reports[0][2]) if reports else None,
                           "log_bytes": sum(len(line.encode()) + 26 for line in lines)}  # 26 is what CloudWatch adds to each
    return found


def peaks(aws):
    """Function -> peak resident MB of its processes, which stay warm. None of one that has no process any more."""
    found = {}
    for function in FUNCTIONS:
        lines = [line for pid in aws.bootstraps(f"{NAME}-{function}") for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
        found[function] = max((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")), default=None)
    return found


def idle_sweep(aws, before):
    """What the sweeper takes when there is nothing to sweep, of three sweeps in a row; `before` are the invocations until now."""
    for _ in range(3):
        answer = aws.client("lambda").invoke(FunctionName=f"{NAME}-sweeper", Payload=b"{}")
        if answer.get("FunctionError"):
            raise RuntimeError(f"the sweeper failed: {answer['Payload'].read()[:500]}")
    then, now = before["sweeper"], invocations(aws)["sweeper"]
    return {"memory_mb": now["memory_mb"]} | {what: now[what] - then[what] for what in ("invocations", "milliseconds", "log_bytes")}


def series(aws):
    """How many custom metrics the night told: names times sets of dimension values. Each is billed for the hour in which it is told."""
    logs, found = aws.client("logs"), set()
    for function in FUNCTIONS:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/quarterdeck/test/{function}")
        for event in (event for page in pages for event in page["events"] if '"_aws"' in event["message"]):
            line = json.loads(event["message"])
            for directive in line["_aws"]["CloudWatchMetrics"]:
                found |= {(metric["Name"], *(f"{name}={line[name]}" for name in names))
                          for metric in directive["Metrics"] for names in directive["Dimensions"]}
    return len(found)


def sizes(aws):
    """Bytes, because requests are billed by them: of the ledger's rows, of what the collector scanned, of the archive and its mails."""
    dynamo, s3 = aws.client("dynamodb"), aws.client("s3")

    def items(table):
        return [item for page in dynamo.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]

    def rows(found):
        return [len(json.dumps(item, default=repr)) for item in found]  # with type letters: a little more than is billed

    ledger = items(NAME)
    other = rows(item for item in ledger if item["SK"]["S"] != "META")
    sources = [rows(items(table)) for table in dynamo.list_tables()["TableNames"] if table != NAME]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="runs/")
    objects = {o["Key"]: o["Size"] for page in pages for o in page.get("Contents", [])}
    return {"ledger_rows": len(ledger), "ledger_bytes": sum(rows(ledger)), "ledger_largest_row": max(rows(ledger)),
            "ledger_largest_other": max(other),  # a run's row is by far the largest; deliveries, events and audit are the others
            "source_tables": len(sources), "source_bytes": sum(map(sum, sources)),
            "archive_objects": len(objects), "archive_bytes": sum(objects.values()),
            "mail_bytes": sum(size for key, size in objects.items() if key.endswith(".eml"))}


def requests(aws):
    """service -> action -> count, of calls by functions: theirs are the temporary credentials."""
    counted = collections.defaultdict(collections.Counter)
    for event in calls(aws):
        detail = json.loads(event["CloudTrailEvent"])
        if detail["userIdentity"].get("accessKeyId", "").startswith("ASIA"):
            counted[detail["eventSource"].split(".")[0]][event["EventName"]] += 1
    return {service: dict(sorted(actions.items())) for service, actions in sorted(counted.items())}


def calls(aws):
    """All recorded calls, newest first. ministack answers fifty and no token, so each look ends where the last one got to."""
    trail, seen, until = aws.client("cloudtrail"), {}, time.time()

    def exact(params, **_):
        # boto3 sends whole seconds, and a night makes more than fifty calls in one.
        params["body"] = json.dumps(json.loads(params["body"]) | {"EndTime": until}).encode()

    trail.meta.events.register("before-call.cloudtrail.LookupEvents", exact)
    while True:
        page = trail.lookup_events(MaxResults=50)["Events"]
        new = [event for event in page if event["EventId"] not in seen]
        if not new:
            return seen.values()
        seen.update((event["EventId"], event) for event in new)
        until = min(event["EventTime"].timestamp() for event in page) + 1e-6


def write(aws, path, binaries):
    """Everything since the deployment: to be called after the first night. `binaries` says which were measured, e.g. debug or lambda."""
    measured = {"measured": f"{time.strftime('%Y-%m-%d', time.gmtime())}, the cloud test's first night, {binaries} binaries, wall time on the test's machine",
                "functions": invocations(aws), "peak_mb": peaks(aws), "requests": requests(aws), "metric_series": series(aws),
                "mails": len(aws.mails()), "sizes": sizes(aws)}
    measured["idle_sweep"] = idle_sweep(aws, measured["functions"])
    path.write_text(json.dumps(measured, indent=1) + "\n")
    print(f"cloud: measurements written to {path}", flush=True)
