"""What a night took, as the platform says it: REPORT lines for durations, CloudTrail for requests. Written for the cost page."""
import collections
import json
import re
import time

FUNCTIONS = ["collector", "sweeper", "analyzer", "renderer", "mailer", "mail-events"]
DURATION = re.compile(r"Billed Duration: (\d+) ms\tMemory Size: (\d+) MB")


def invocations(aws):
    """Function -> {invocations, milliseconds, memory}. Milliseconds are ministack's wall time, cold starts included."""
    logs, found = aws.client("logs"), {}
    for function in FUNCTIONS:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/quarterdeck/test/{function}")
        reports = [m for page in pages for event in page["events"] if (m := DURATION.search(event["message"]))]
        found[function] = {"invocations": len(reports), "milliseconds": sum(int(m[1]) for m in reports),
                           "memory_mb": int(reports[0][2]) if reports else None}
    return found


def log_bytes(aws):
    logs = aws.client("logs")
    pages = (page for function in FUNCTIONS
             for page in logs.get_paginator("filter_log_events").paginate(logGroupName=f"/quarterdeck/test/{function}"))
    return sum(len(event["message"].encode()) + 26 for page in pages for event in page["events"])


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


def write(aws, path):
    """Durations, requests and log bytes of everything since the deployment: to be called after the first night."""
    measured = {"functions": invocations(aws), "requests": requests(aws), "log_bytes": log_bytes(aws), "mails": len(aws.mails())}
    path.write_text(json.dumps(measured, indent=1) + "\n")
    print(f"cloud: measurements written to {path}", flush=True)
