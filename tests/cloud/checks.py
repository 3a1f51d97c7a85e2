"""What an owner would want to know of a deployment, each as a named check that says what it found. In the order in which they run: each
leaves the deployment so that the next can use it. Start at `run_all`."""
import json
import os
import signal
import time
import traceback

from answers import Answer, Owner, answer_address
from deployment import NAME, QUEUES, STAGES, arn, set_visibility
from night import start_message

NIGHT, KILLED, AFTER_BOUNCE = "2026-11-20", "2026-11-19", "2026-11-18"
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def need(condition, text):
    """An assertion that survives `python -O` and says what was found."""
    if not condition:
        raise AssertionError(text)


def run_all(driver, on_first_night):
    """Runs every check and answers how many failed. Without a first night there is nothing to check."""
    row = driver.first_night()
    on_first_night()
    failed = 0
    for function in CHECKS:
        began = time.monotonic()
        try:
            found = function(driver, row)
            print(f"ok    {function.__name__.replace('_', ' ')}: {found} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:
            failed += 1
            print(f"FAIL  {function.__name__.replace('_', ' ')}: {error}", flush=True)
            if not isinstance(error, (AssertionError, TimeoutError)):
                traceback.print_exc()
    print(f"cloud: {len(CHECKS) - failed} of {len(CHECKS)} checks passed", flush=True)
    return failed


def addressed(deliveries):
    """(document, rid) of those that were taken by SES."""
    return sorted(key for key, row in deliveries.items() if row["state"]["S"] in {"ACCEPTED", "DELIVERED"})


@check
def the_schedule_starts_a_night_that_finishes(driver, row):
    state = row["state"]["S"]
    need(state == "FINISHED", f"the run ended {state}")
    return f"harbor.{NIGHT} {state}, generation {row['gen']['N']}"


@check
def every_object_is_the_embedded_runs_byte_for_byte(driver, row):
    """Analysis, manifests, documents and mails; snapshot files too. The rid key is the same, so even the mails' names are."""
    folder = driver.embedded(NIGHT)
    local = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    local = {key: content for key, content in local.items() if key.startswith("runs/")}
    cloud = {key: driver.watch.read(key) for key in driver.watch.objects("runs/")}
    need(set(cloud) == set(local), f"only in the cloud {sorted(set(cloud) - set(local))}, only local {sorted(set(local) - set(cloud))}")
    different = sorted(key for key in cloud if cloud[key] != local[key])
    for key in different:  # beside the embedded run's, for whoever looks with --keep
        path = driver.work / f"cloud-{NIGHT}" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cloud[key])
    need(not different, f"{len(different)} of {len(cloud)} differ: {different[:10]}")
    documents = [key for key in cloud if key.endswith((".html", ".txt", ".pdf"))]
    return f"{len(cloud)} objects, {sum(map(len, cloud.values()))} bytes; {len(documents)} of them documents"


@check
def each_recipient_and_the_archive_got_one_mail(driver, row):
    deliveries, mails = driver.watch.deliveries(NIGHT), driver.aws.mails()
    taken = addressed(deliveries)
    need(len(taken) == len(deliveries), f"of {len(deliveries)} deliveries {len(taken)} were accepted")
    need(len(mails) == len(deliveries), f"{len(mails)} mails for {len(deliveries)} deliveries")
    need(len(set(mails)) == len(mails), f"somebody was mailed twice: {[m for m in mails if mails.count(m) > 1]}")
    archive = [mail for mail in mails if mail[0] == "archive@example.com"]
    need(len(archive) == len({document for document, _ in deliveries}), f"{len(archive)} archive copies")
    return f"{len(mails)} mails, {len(archive)} of them to the archive"


@check
def every_log_line_is_json_and_the_night_told_its_metrics(driver, row):
    lines = driver_lines(driver)
    metrics = {m["Name"] for line in lines for d in line.get("_aws", {}).get("CloudWatchMetrics", []) for m in d["Metrics"]}
    expected = {"PartsCollected", "RowsCollected", "BytesCollected", "DocumentsRendered", "DeliveriesAccepted", "RunsFinished",
                "Lag", "Coverage", "StageDuration"}
    need(expected <= metrics, f"missing metrics {sorted(expected - metrics)}")
    audits = [sk for (_, sk) in driver.watch.rows(f"RUN#harbor.{NIGHT}") if sk.startswith("AUDIT#")]
    need(audits, "the run has no audit row")
    return f"{len(lines)} lines, {len(metrics)} metrics, {len(audits)} audit rows"


def driver_lines(driver):
    """What the functions wrote, without the platform's START, END and REPORT, which ministack writes as text."""
    return lines_of(driver, "collector", "sweeper", "analyzer", "renderer", "mailer", "mail-events")


def lines_of(driver, *functions):
    logs, lines = driver.aws.client("logs"), []
    for name in functions:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/quarterdeck/test/{name}")
        for event in (event for page in pages for event in page["events"]):
            if not event["message"].startswith(("START ", "END ", "REPORT ")):
                lines.append(json.loads(event["message"]))
    return lines


@check
def two_stages_sleep_between_runs_and_wake_for_a_message(driver, row):
    need(driver.watch.polled() == set(QUEUES), f"while the run was open these were polled: {sorted(driver.watch.polled())}")
    driver.watch.sweep()
    awake = set(QUEUES) - {"analyze", "render"}
    need(driver.watch.polled() == awake, f"after a sweep these are polled: {sorted(driver.watch.polled())}")
    driver.watch.send("render", driver.recorded.of("render")[0])
    time.sleep(2)
    need(len(driver.aws.messages()[f"{NAME}-render"]) == 1, "a message was taken by a stage that sleeps")
    driver.watch.sweep()
    need(driver.watch.polled() == awake | {"render"}, f"with a message on render these are polled: {sorted(driver.watch.polled())}")
    driver.watch.quiet()
    driver.watch.sweep()
    need(driver.watch.polled() == awake, f"after it these are polled: {sorted(driver.watch.polled())}")
    return "analyze and render asleep, render awake for its message only"


@check
def an_old_message_on_every_queue_changes_nothing(driver, row):
    bodies = {queue: driver.recorded.of(queue) for queue in STAGES}
    need(all(bodies.values()), f"no body was seen on {[q for q, b in bodies.items() if not b]}")
    before = driver.watch.state()
    for queue, of_queue in bodies.items():
        driver.watch.hand(queue, *of_queue)
    time.sleep(1)
    driver.watch.quiet()
    after = driver.watch.state()
    for what in before:
        changed = {key for key in {**before[what], **after[what]} if before[what].get(key) != after[what].get(key)} \
            if isinstance(before[what], dict) else set(after[what]) ^ set(before[what])
        need(before[what] == after[what], f"{what} changed: {sorted(map(str, changed))[:10]}")
    return ", ".join(f"{len(of_queue)} on {queue}" for queue, of_queue in bodies.items())


@check
def a_document_rendered_again_is_the_only_one_and_nobody_is_mailed(driver, row):
    before = driver.watch.state()
    driver.quarterdeck("requeue", f"harbor.{NIGHT}", "render", "--document", "cfo", "--expected-gen", "0")
    driver.watch.sweep()
    driver.watch.end_of(NIGHT, generation="1")
    driver.watch.quiet()
    after = driver.watch.state()
    new = sorted(set(after["objects"]) - set(before["objects"]))
    touched = [key for key in before["objects"] if before["objects"][key] != after["objects"].get(key)]
    need(not touched, f"objects of the first generation changed: {touched[:5]}")
    need(new and all("/g1/" in key and "cfo" in key for key in new), f"made: {new}")
    need(after["mails"] == before["mails"], f"mailed again: {[m for m in after['mails'] if m not in before['mails']]}")
    return f"{len(new)} objects made, all of cfo at g1; {len(after['mails'])} mails as before"


@check
def an_answer_is_in_the_next_analysis_and_what_it_could_not_do_is_forwarded(driver, row):
    """As SES stores and tells of mail: the CEO's, twice, with a line that is wrong; and a stranger's to the same address."""
    (document, rid), delivery = next((key, row) for key, row in driver.watch.deliveries(NIGHT).items() if key[0] == "ceo" and key[1] != "archive")
    mail = driver.watch.read(delivery["mail"]["M"]["key"]["S"])
    to, action = answer_address(mail), open_action(driver, 0)
    owner, before = Owner(driver.aws), driver.aws.mails()
    answer = Answer(address_of(driver, delivery), to, f"done {action['code']}\r\nsnooze {action['code']}\r\n")
    answer.receive(driver.aws)
    driver.watch.until("the decision", 30, lambda: driver.watch.rows("DECIDE#harbor"))
    driver.watch.quiet()
    answer.receive(driver.aws)
    Answer("stranger@example.com", to, f"done {action['code']}\r\nunsubscribe\r\n", dmarc="FAIL").receive(driver.aws)
    driver.watch.until("the quarantine", 30, lambda: driver.watch.rows("QUARANTINE#"))
    driver.watch.quiet()
    decisions = driver.watch.rows("DECIDE#harbor")
    need(len(decisions) == 1, f"{len(decisions)} decisions")
    need(not driver.watch.rows("SUPPRESS#"), "somebody was unsubscribed")
    told = sorted(owner.told())
    need([subject for subject, _ in told] == [f"Quarterdeck: harbor.{NIGHT} answer not {what}" for what in ("believed", "understood")],
         f"forwarded: {told}")
    need("From: stranger@example.com, as the mail says; that is not proven" in told[0][1] and f"> snooze {action['code']}" in told[1][1],
         f"forwarded: {told}")
    driver.quarterdeck("requeue", f"harbor.{NIGHT}", "collect", "--expected-gen", "1")
    driver.watch.sweep()
    driver.watch.end_of(NIGHT, generation="2")
    driver.watch.quiet()
    (done,) = [other for other in actions(driver, 2) if other["code"] == action["code"]]
    need(done["state"] == "done", f"the action is {done['state']}")
    need(driver.aws.mails() == before, "somebody was mailed")
    said = [line for line in lines_of(driver, "replies") if "@" in json.dumps(line)]
    need(not said, f"an address is in the log: {said[:2]}")
    return f"{action['code']} is {done['state']} in the analysis of g2; {len(told)} notices to the owner, nobody mailed"


def actions(driver, generation):
    return json.loads(driver.watch.read(f"runs/harbor.{NIGHT}/g{generation}/analysis.json"))["actions"]


def open_action(driver, generation):
    return next(action for action in actions(driver, generation) if action["state"] == "open" and action["code"])


@check
def a_broken_body_ends_in_the_dlq_and_its_batch_goes_on(driver, row):
    """One broken and one good body a batch. Two seconds instead of half an hour between the five receives."""
    set_visibility(driver.aws, 2)
    broken = {queue: json.dumps({"v": 99, "sent_to": queue}) for queue in STAGES} | {"events": "{broken", "replies": "{broken"}
    for queue in QUEUES:
        driver.watch.hand(queue, broken[queue], *driver.recorded.of(queue)[:1])
    driver.watch.until("broken bodies on the DLQs", 60, lambda: all(driver.watch.dead(queue) for queue in QUEUES))
    driver.watch.quiet()
    for queue in QUEUES:
        need(driver.watch.dead(queue) == [broken[queue]], f"{queue}-dlq holds {driver.watch.dead(queue)}")
    return f"one dead letter on each of {len(QUEUES)} DLQs, every good body of the same batches was done"


@check
def a_killed_bootstrap_costs_nobody_a_mail_and_nobody_gets_two(driver, row):
    """kill -9 of a collector, an analyzer and a renderer while each has a message in hand."""
    set_visibility(driver.aws, 15)
    before = driver.aws.mails()
    driver.watch.send("collect", start_message(KILLED))
    killed = [kill_at_work(driver, queue, function) for queue, function in
              [("collect", "collector"), ("analyze", "analyzer"), ("render", "renderer")]]
    ended = driver.watch.end_of(KILLED, seconds=180, generation="0")
    driver.watch.quiet()
    mails = [mail for mail in driver.aws.mails() if mail not in before]
    deliveries = driver.watch.deliveries(KILLED)
    need(ended["state"]["S"] == "FINISHED", f"the run ended {ended['state']['S']}")
    need(len(addressed(deliveries)) == len(deliveries), "a delivery was not accepted")
    need(len(mails) == len(deliveries) == len(set(mails)), f"{len(mails)} mails for {len(deliveries)} deliveries")
    return f"killed {', '.join(killed)}; {ended['state']['S']}, {len(mails)} mails for {len(deliveries)} deliveries"


def kill_at_work(driver, queue, function):
    """Kills all processes of a function while a message of its queue is in flight."""
    def working():
        in_flight = any(not m["IsVisible"] for m in driver.aws.messages()[f"{NAME}-{queue}"])
        return in_flight and driver.aws.bootstraps(f"{NAME}-{function}")
    ids = driver.watch.until(f"{function} at work", 90, working)
    for pid in ids:
        os.kill(pid, signal.SIGKILL)
    return f"{function} {ids}"


@check
def a_bounce_suppresses_its_recipient(driver, row):
    """As SES publishes it, through the topic, twice. The next night mails everybody else."""
    (document, rid), delivery = next((key, row) for key, row in driver.watch.deliveries(KILLED).items() if key[1] != "archive")
    address = address_of(driver, delivery)
    event = bounce(document, rid, address, delivery["message_id"]["S"], delivery["attempt"]["N"])
    for _ in range(2):
        driver.aws.client("sns").publish(TopicArn=arn("sns", f"{NAME}-mail-events"), Message=json.dumps(event))
    driver.watch.until("the suppression", 30, lambda: driver.watch.rows(f"SUPPRESS#{rid}"))
    driver.watch.quiet()
    state = driver.watch.deliveries(KILLED)[document, rid]["state"]["S"]
    need(state == "BOUNCED", f"the delivery is {state}")
    before = driver.aws.mails()
    driver.watch.send("collect", start_message(AFTER_BOUNCE))
    driver.watch.end_of(AFTER_BOUNCE, seconds=120)
    driver.watch.quiet()
    new = [mail for mail in driver.aws.mails() if mail not in before]
    need(new, "the next night mailed nobody")
    need(all(recipient != address for recipient, _ in new), "the suppressed recipient was mailed")
    return f"one recipient suppressed, {len(new)} others mailed the next night"


def address_of(driver, delivery):
    """Whom the archived mail is to; nothing else in the deployment says it."""
    text = driver.watch.read(delivery["mail"]["M"]["key"]["S"]).decode(errors="replace")
    line = next(line for line in text.splitlines() if line.lower().startswith("to:"))
    return line.split(":", 1)[1].strip().strip("<>").split("<")[-1]


def bounce(document, rid, address, message_id, attempt):
    tags = {"run": f"harbor_{KILLED}", "document": document, "rid": rid, "epoch": "e0", "attempt": attempt}
    return {
        "eventType": "Bounce",
        "mail": {"timestamp": "2026-11-21T10:31:00.000Z", "source": "reports@example.com", "messageId": message_id,
                 "destination": [address], "tags": {name: [value] for name, value in tags.items()}},
        "bounce": {"bounceType": "Permanent", "bounceSubType": "NoEmail", "feedbackId": f"bounce-{rid}",
                   "timestamp": "2026-11-21T10:31:05.000Z", "bouncedRecipients": [{"emailAddress": address}]},
    }

