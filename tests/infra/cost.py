"""What a deployment costs, as quantities of priced items. `idle` follows from the template, `night` from measurements.json.

A part is (what it is, item of prices.json, quantity). Start at `list_price` and `alone`: without any free allowance, and as the only thing in an
account whose monthly allowances do not end. Where something is not known exactly, the part is an upper bound and says so.
"""
import json
from math import ceil
from pathlib import Path

HERE = Path(__file__).resolve().parent
PRICES = json.loads((HERE / "prices.json").read_text())
MEASUREMENTS = HERE / "measurements.json"
HOURS, NIGHTS, SWEEPS_AN_HOUR = 730, 30, 12  # a month as AWS bills it
EVENTS_MB = 256
FULL_PROCESSOR_MB = 1769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
GB = 1e9
# An event of each mail when it is taken and one when it is delivered: a night without bounces.
EVENTS_A_MAIL = 2
# What mailer::events does for one: reads the delivery, the event and the row again; writes the row and the event.
EVENT_READS, EVENT_WRITES = 3, 2
# How many nights the part `ledger` looks back; a night on fresh state, as it is measured, has none.
EARLIER_NIGHTS = 30


def measurements():
    """None if `make cloud-test` with --record was never run."""
    return json.loads(MEASUREMENTS.read_text()) if MEASUREMENTS.exists() else None


def price(item):
    return PRICES["items"][item]["price"]


def allowance(item):
    free = PRICES["free_each_month"].get("lambda_gb_second" if item.startswith("lambda_gb_second") else item)
    return free["amount"] if free else 0


def list_price(parts):
    return sum(quantity * price(item) for _, item, quantity in parts)


def alone(parts):
    """Of a month's parts, what is left to pay after the account's allowances. An allowance is taken off once, from all parts of its item."""
    totals = {}
    for _, item, quantity in parts:
        totals[item] = totals.get(item, 0) + quantity
    return sum(max(0, quantity - allowance(item)) * price(item) for item, quantity in totals.items())


def gb_seconds(milliseconds, memory_mb):
    """Bound: of a whole processor's milliseconds, as if none were waiting. A function of less than 1769 MB gets a share of one by its memory."""
    return milliseconds * max(1, FULL_PROCESSOR_MB / memory_mb) / 1000 * memory_mb / 1024


def polls(queues, hours):
    """Empty receives of Lambda's pollers."""
    polling = PRICES["polling"]
    return queues * polling["pollers_a_queue"] * hours * 3600 / polling["seconds_a_poll"]


def idle(polled, asleep, alarms, dashboards, secrets, measured=None):
    """A month in which no night is started, of what the template has: queues that are polled all day, and those whose mapping sleeps."""
    sweeps = SWEEPS_AN_HOUR * HOURS
    parts = [
        ("secret", "secret_month", secrets),
        ("pollers' empty receives", "sqs_request", polls(polled, HOURS)),
        ("alarms", "alarm_metric_month", alarms),
        ("dashboard", "dashboard_month", dashboards),
        ("schedule of the sweeper", "scheduler_invocation", sweeps),
        ("the sweeper's look at the queues that sleep", "sqs_request", asleep * sweeps),
        ("requests of the sweeper", "lambda_request", sweeps),
        ("the sweeper's looks at the index: what is due, what is open, whom to tell", "dynamodb_read_unit", 3 * sweeps),
    ]
    if measured:
        sweep, sizes = measured["idle_sweep"], measured["sizes"]
        share = sweeps / sweep["invocations"]
        parts += [
            ("time of the sweeper", "lambda_gb_second_x86_64", share * gb_seconds(sweep["milliseconds"], sweep["memory_mb"])),
            ("log of the sweeper", "logs_gb", share * sweep["log_bytes"] / GB),
            ("ledger of a year's nights", "dynamodb_gb_month", 365 * sizes["ledger_bytes"] / GB),
            ("its recovery to any second (PITR)", "dynamodb_pitr_gb_month", 365 * sizes["ledger_bytes"] / GB),
            ("archive of a year's nights", "s3_gb_month", 365 * sizes["archive_bytes"] / GB),
        ]
    return parts


def night(measured, asleep):
    """One night. The dearer architecture's price."""
    functions, sizes, mails = measured["functions"], measured["sizes"], measured["mails"]
    ran = {name: f for name, f in functions.items() if f["invocations"]}
    calls = sum(f["invocations"] for f in ran.values())
    parts = [
        ("functions' time", "lambda_gb_second_x86_64", sum(gb_seconds(f["milliseconds"], f["memory_mb"]) for f in ran.values())),
        ("functions' requests", "lambda_request", calls),
        ("Lambda's receives and deletes", "sqs_request", 2 * calls),
        ("pollers of the stages that were woken (bound: an hour)", "sqs_request", polls(asleep, 1)),
        ("schedule", "scheduler_invocation", 1),
        ("mails", "ses_mail", mails),
        ("mails' attachments (bound: whole mails)", "ses_attachment_gb", sizes["mail_bytes"] / GB),
        ("metrics, for an hour", "metric_month", measured["metric_series"] / HOURS),
        ("logs", "logs_gb", sum(f["log_bytes"] for f in functions.values()) / GB),
        ("archive, for a month", "s3_gb_month", sizes["archive_bytes"] / GB),
        ("earlier nights on the ledger (bound: all of 30, and each recipient)", "dynamodb_read_unit", earlier(sizes, mails)),
    ]
    for service, actions in measured["requests"].items():
        for action, count in actions.items():
            parts += request(service, action, count, sizes)
    return parts + (events(measured) if not functions["mail-events"]["invocations"] else [])


def earlier(sizes, mails):
    """Of each earlier night its row and its deliveries; of each recipient whether anything is mailed to them."""
    return EARLIER_NIGHTS * (ceil(sizes["ledger_largest_row"] / 4096) + ceil(sizes["ledger_bytes"] / 4096)) + mails


def write_units(row_bytes):
    """Bound: the index changes each time, and an entry that moves is taken away and put; it has keys only, less than a KB."""
    return ceil(row_bytes / 1024) + 2


def request(service, action, count, sizes):
    """The parts of so many calls of an action; an action that nobody has thought of is an error, not free."""
    name = f"{service} {action}"
    read_unit, whole = ceil(sizes["ledger_largest_row"] / 4096), ceil(sizes["ledger_bytes"] / 4096)
    if service == "dynamodb":
        if action in ("PutItem", "UpdateItem", "DeleteItem"):  # bound: each writes the largest row
            return [(name, "dynamodb_write_unit", count * write_units(sizes["ledger_largest_row"]))]
        if action == "GetItem":
            return [(name, "dynamodb_read_unit", count * read_unit)]
        if action == "Query":  # bound: each reads all that the ledger has
            return [(name, "dynamodb_read_unit", count * whole)]
        if action == "Scan":  # all tables once, and every call rounds up
            return [(name, "dynamodb_read_unit", count + ceil(sizes["source_bytes"] / 4096))]
        if action == "DescribeTable":
            return []
    if service == "s3" and action.startswith(("Put", "List", "Copy", "CreateMultipart", "CompleteMultipart", "UploadPart")):
        return [(name, "s3_put", count)]
    if service == "s3" and action.startswith(("Get", "Head")):
        return [(name, "s3_get", count)]
    if service == "sqs":
        return [(name, "sqs_request", count)]
    if service == "secretsmanager" and action == "GetSecretValue":
        return [(name, "secret_call", count)]
    if service in ("ses", "email", "sts", "logs", "lambda"):  # mails are counted as such; the rest is free or counted by bytes
        return []
    raise KeyError(f"no price for {name}")


def events(measured):
    """Not measured, for the local AWS says nothing of its mails: every event an invocation of its own, as long as the mailer's mean."""
    mailer, sizes = measured["functions"]["mailer"], measured["sizes"]
    count = EVENTS_A_MAIL * measured["mails"]
    mean = mailer["milliseconds"] / mailer["invocations"]
    return [
        ("mail events: topic (reckoned)", "sns_publish", count),
        ("mail events: queue (reckoned)", "sqs_request", 3 * count),
        ("mail events: time (reckoned)", "lambda_gb_second_x86_64", gb_seconds(count * mean, EVENTS_MB)),
        ("mail events: requests (reckoned)", "lambda_request", count),
        ("mail events: reads (reckoned)", "dynamodb_read_unit", count * EVENT_READS * ceil(sizes["ledger_largest_other"] / 4096)),
        ("mail events: writes (reckoned)", "dynamodb_write_unit", count * EVENT_WRITES * write_units(sizes["ledger_largest_other"])),
    ]


def table(parts):
    """For a reader of the test's output: dearest first."""
    rows = sorted(parts, key=lambda part: -part[2] * price(part[1]))
    return "\n".join(f"  {quantity * price(item):9.5f}  {what}" for what, item, quantity in rows)
