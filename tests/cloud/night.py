"""Nights on the deployment: start them as the schedule does, watch them, and look at what they left."""
import datetime
import hashlib
import json
import threading
import time
import zoneinfo

from deployment import BUCKET, NAME, QUEUES, arn
from local_aws import LocalAws

ENDS = {"FINISHED", "DEGRADED", "FAILED"}
FAR = "2099-01-01T00:00:00Z"  # an old night is replayed: its mails must not have expired


def scheduled_at(date):
    """When the night of a business date is due: harbor's 02:30 on the next local day, as `quarterdeck run` has it."""
    day = datetime.date.fromisoformat(date) + datetime.timedelta(days=1)
    local = datetime.datetime.combine(day, datetime.time(2, 30), zoneinfo.ZoneInfo("America/Los_Angeles"))
    return local.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def start_message(date):
    return json.dumps({"v": 1, "type": "start", "portfolio": "harbor", "scheduled_at": scheduled_at(date), "not_after": FAR})


def schedule(aws: LocalAws, date):
    """A one-off schedule in the stack's group and with its role. ministack looks at its schedules every ten seconds."""
    (role,) = [r["Arn"] for r in aws.client("iam").list_roles()["Roles"] if "SchedulerRole" in r["RoleName"]]
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    aws.client("scheduler").create_schedule(
        Name=f"one-off-{date}", GroupName=NAME, ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"}, ActionAfterCompletion="DELETE",
        Target={"Arn": arn("sqs", f"{NAME}-collect"), "RoleArn": role, "Input": start_message(date)})


class Watch:
    """What an observer of this deployment sees: the ledger, the archive, the queues, the mails."""

    def __init__(self, aws: LocalAws):
        self.aws, self.dynamo, self.s3, self.sqs = aws, aws.client("dynamodb"), aws.client("s3"), aws.client("sqs")

    def rows(self, prefix=""):
        """(PK, SK) -> row, of all rows whose partition begins so."""
        pages = self.dynamo.get_paginator("scan").paginate(TableName=NAME, ConsistentRead=True)
        rows = {(i["PK"]["S"], i["SK"]["S"]): i for page in pages for i in page["Items"]}
        return {key: row for key, row in rows.items() if key[0].startswith(prefix)}

    def run(self, date):
        key = {"PK": {"S": f"RUN#harbor.{date}"}, "SK": {"S": "META"}}
        return self.dynamo.get_item(TableName=NAME, Key=key, ConsistentRead=True).get("Item")

    def deliveries(self, date):
        """(document, rid) -> row."""
        rows = self.rows(f"RUN#harbor.{date}")
        return {tuple(sk.split("#")[1:3]): row for (_, sk), row in rows.items() if sk.startswith("MAIL#")}

    def objects(self, prefix):
        """Key -> (version, digest) of everything below a prefix."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=prefix)
        return {v["Key"]: (v["VersionId"], v["ETag"]) for page in pages for v in page.get("Versions", []) if v["IsLatest"]}

    def read(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def sweep(self):
        """Now, instead of within five minutes."""
        answer = self.aws.client("lambda").invoke(FunctionName=f"{NAME}-sweeper", Payload=b"{}")
        if answer.get("FunctionError"):
            raise AssertionError(f"the sweeper failed: {answer['Payload'].read()[:500]}")

    def polled(self):
        """The stages whose event source mapping is enabled, or on its way to it."""
        mappings = self.aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        return {m["EventSourceArn"].removeprefix(arn("sqs", f"{NAME}-")) for m in mappings if m["State"] in ("Enabled", "Enabling")}

    def hand(self, queue, *bodies):
        """As an operator does by day: onto the queue, and then a sweep, should its stage be asleep."""
        self.send(queue, *bodies)
        self.sweep()

    def send(self, queue, *bodies):
        url = self.sqs.get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"]
        for start in range(0, len(bodies), 10):
            batch = bodies[start:start + 10]
            self.sqs.send_message_batch(QueueUrl=url, Entries=[
                {"Id": str(n), "MessageBody": body} for n, body in enumerate(batch)])

    def dead(self, queue):
        return [m["Body"] for m in self.aws.messages()[f"{NAME}-{queue}-dlq"]]

    def state(self):
        """Everything that a replay must not change, in a form that can be compared: rows, objects, mails."""
        return {"rows": self.rows(), "objects": self.objects("runs/"), "mails": self.aws.mails()}

    def until(self, what, seconds, condition):
        """Waits, and says what it waited for in vain."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = condition()
            if found:
                return found
            time.sleep(0.2)
        waiting = {q: [m["Body"][:120] for m in ms] for q, ms in self.aws.messages().items() if ms}
        raise TimeoutError(f"{what}: not within {seconds} s; queues: {json.dumps(waiting, indent=1)[:3000]}")

    def end_of(self, date, seconds=120, generation="0"):
        """The run's row, once it has ended in that generation."""
        def ended():
            row = self.run(date)
            return row if row and row["gen"]["N"] == generation and row["state"]["S"] in ENDS else None
        return self.until(f"end of harbor.{date} g{generation}", seconds, ended)

    def quiet(self, seconds=60):
        """Waits until no queue has a message, looked at twice."""
        def empty():
            return not any(self.aws.messages()[f"{NAME}-{queue}"] for queue in QUEUES)
        self.until("quiet queues", seconds, lambda: empty() and (time.sleep(0.5) or empty()))


class Recorder:
    """Notes every message body that is seen on a queue while a night runs: what was delivered once can be delivered again."""

    def __init__(self, aws: LocalAws):
        self.aws, self.bodies, self.ended = aws, {queue: {} for queue in QUEUES}, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.ended.wait(0.03):
            for queue, messages in self.aws.messages().items():
                name = queue.removeprefix(f"{NAME}-")
                if name in self.bodies:
                    for message in messages:
                        self.bodies[name].setdefault(hashlib.sha256(message["Body"].encode()).hexdigest(), message["Body"])

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def of(self, queue):
        return list(self.bodies[queue].values())
