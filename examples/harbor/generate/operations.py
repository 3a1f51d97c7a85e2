"""Queues, tables, logs and alarms of the recorded inventory: what runs behind the functions."""

from datetime import timedelta

from compute import FUNCTIONS, REGION, of
from core import END, rng

QUEUES = {  # name: entity, dead-letter queue, depth, dead-letter depth, oldest age, visibility, encrypted
    "jada-webhooks": ("jada", "jada-webhooks-dlq", 0, 3, 0, 180, "true"),
    "jada-webhooks-dlq": ("jada", "", 3, None, 412_000, 30, "true"),
    "qdn-quotes": ("qdn", "qdn-quotes-dlq", 4, 74, 5_400, 30, "true"),
    "qdn-quotes-dlq": ("qdn", "", 74, None, 1_036_800, 30, "true"),
    "qos-blast": ("qos", "", 0, None, 0, 900, "false"),
    "dc-invoices": ("dc", "dc-invoices-dlq", 0, 0, 0, 720, "true"),
    "dc-invoices-dlq": ("dc", "", 0, None, 0, 30, "true"),
    "rental-lock-codes": ("rental", "", 0, None, 0, 30, "true"),
}
TABLES = {  # name: entity, billing, items, size MB, point-in-time recovery, deletion protection, days since the last write, cost
    "jada-calendar": ("jada", "PAY_PER_REQUEST", 780, 1, "false", "false", 0, 0.6),
    "scc-events": (None, "PROVISIONED", 1_200, 3, "false", "false", 2, 5.9),
    "qos-guests": ("qos", "PROVISIONED", 3_912, 2, "false", "false", 12, 2.9),
    "qos-campaigns": ("qos", "PAY_PER_REQUEST", 23, 0, "false", "false", 19, 0.1),
    "qos-waivers": ("qos", "PAY_PER_REQUEST", 0, 0, "false", "false", None, 0.0),
    "qdn-jobs": ("qdn", "PAY_PER_REQUEST", 990, 1, "false", "false", 0, 0.5),
    "qdn-invoices": ("qdn", "PAY_PER_REQUEST", 570, 0, "true", "false", 0, 0.4),
    "qdn-messages": ("qdn", "PAY_PER_REQUEST", 5_900, 2, "false", "false", 0, 0.7),
    "dc-clients": ("dc", "PAY_PER_REQUEST", 14, 0, "true", "true", 140, 0.1),
    "dc-contracts": ("dc", "PAY_PER_REQUEST", 18, 0, "true", "true", 120, 0.1),
    "dc-invoices": ("dc", "PAY_PER_REQUEST", 225, 0, "true", "true", 0, 0.2),
    "dc-work": ("dc", "PAY_PER_REQUEST", 1_207, 1, "false", "false", 1, 0.3),
    "rental-reservations": ("rental", "PAY_PER_REQUEST", 138, 0, "true", "false", 0, 0.2),
    "rental-maintenance": ("rental", "PAY_PER_REQUEST", 120, 0, "false", "false", 3, 0.1),
    "eyd-jobs": ("eyd", "PAY_PER_REQUEST", 51, 0, "false", "false", 9, 0.1),
    "eyd-vessels": ("eyd", "PAY_PER_REQUEST", 51, 0, "false", "false", 9, 0.1),
    "ledger-transactions": (None, "PAY_PER_REQUEST", 10_300, 4, "true", "true", 0, 0.9),
    "ledger-accounts": (None, "PAY_PER_REQUEST", 175, 0, "true", "true", 3, 0.1),
}


def tables():
    return {"sqs_queue": queues(), "dynamodb_table": dynamodb(), "log_group": log_groups(), "cloudwatch_alarm": alarms()}


def queues():
    rows = []
    for name, (entity, dead, depth, dead_depth, age, visibility, encrypted) in QUEUES.items():
        row = {
            "name": name,
            "region": REGION,
            "entity": entity,
            "dead_letter_queue": dead,
            "depth": str(depth),
            "oldest_age_s": str(age),
            "visibility_s": str(visibility),
            "encrypted": encrypted,
        }
        rows.append(row | ({"dead_letter_depth": str(dead_depth)} if dead_depth is not None else {}))
    return rows


def dynamodb():
    for name, (entity, billing, items, size, recovery, protection, age, cost) in TABLES.items():
        row = {
            "name": name,
            "region": REGION,
            "billing_mode": billing,
            "items": str(items),
            "size_bytes": str(size * 1_048_576),
            "pitr": recovery,
            "deletion_protection": protection,
            "monthly_cost": f"{cost:.2f}",
        }
        yield of(entity, row | ({"last_write_on": str(END - timedelta(days=age))} if age is not None else {}))


def log_groups():
    random_ = rng("logs")
    for index, (name, (entity, *_, calls, _errors, _age)) in enumerate(FUNCTIONS.items()):
        size = calls / 4_000 + random_.uniform(0.2, 3.0)
        row = {
            "name": f"/aws/lambda/{name}",
            "region": REGION,
            "size_gb": f"{size:.2f}",
            "monthly_cost": f"{size * 0.03 + calls / 12_000:.2f}",
            "retention_days": "30" if index % 4 == 3 else "",
        }
        yield of(entity, row)


def alarms():
    for index, name in enumerate(
        [
            "jada-calendar-api",
            "jada-booking-webhook",
            "qdn-dispatch",
            "dc-client-portal",
            "dc-invoice-run",
            "rental-ical-sync",
            "ledger-import",
            "auth-login",
        ]
    ):
        entity = FUNCTIONS[name][0]
        yield of(
            entity,
            {
                "name": f"{name}-errors",
                "region": REGION,
                "metric": "Errors",
                "actions_enabled": "false" if index == 4 else "true",
                "has_action": "false" if index in (1, 2, 6) else "true",
                "state": "ALARM" if index == 5 else "OK",
            },
        )
