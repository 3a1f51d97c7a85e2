"""The recorded AWS inventory, as one night's collection found it: one file per collected table.

Two rules hold for every value: a column that is absent was not to be had (unknown); an empty one means that AWS was asked
and there is none. Numbers are as the APIs give them, dates are UTC. `compute.py`, `operations.py`,
`edge.py` and `trust.py` say what exists; here is how a night differs from the other, and the cost.
"""

import json
from datetime import date

import cloud
import compute
import edge
import operations
import trust
from core import END


def files(night):
    parts = compute.tables() | operations.tables() | edge.tables() | trust.tables()
    tables = {name: list(rows) for name, rows in parts.items()}
    tables["cost_daily"] = [row for day, row in cloud.daily() if day <= night]
    tables["cost_forecast"] = forecast(night)
    if night < END:
        before(tables)
    return {
        name: "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
        for name, rows in tables.items()
    }


def before(tables):
    """What the 19th still had, or had not yet, against the 20th."""
    # New on the 20th: somebody put a payment key into the webhook's environment.
    tables["lambda_env_secret"] = [row for row in tables["lambda_env_secret"] if row["variable"] != "STRIPE_SECRET_KEY"]
    for row in tables["lambda_function"]:
        if row["name"] == "jada-booking-webhook":
            row["env_names"] = '["TABLE","WEBHOOK_URL"]'
            row["code_modified_at"] = "2026-03-02T18:20:11Z"
    # Resolved on the 20th: the photo bucket was open to the world, the rental's domain unlocked.
    for row in tables["s3_bucket"]:
        if row["name"] == "harbor-qdn-photos":
            row["public_access_block"] = "false"
            row["public_policy"] = "true"
    for row in tables["route53_domain"]:
        if row["name"] == "rental3028.example.com":
            row["transfer_lock"] = "false"
    # Worse on the 20th: messages of the quote form pile up in its dead-letter queue.
    for row in tables["sqs_queue"]:
        if row["name"] == "qdn-quotes-dlq":
            row["depth"] = "61"
        if row["name"] == "qdn-quotes":
            row["dead_letter_depth"] = "61"


def forecast(night):
    """What Cost Explorer would say: the month so far, plus the mean of the last 14 days for the rest of it."""
    spent = {}
    for day, row in cloud.daily():
        if day <= night:
            spent[day] = spent.get(day, 0) + float(row["amount"])
    usual = sum(sorted(spent.items())[-14 + index][1] for index in range(14)) / 14
    so_far = sum(amount for day, amount in spent.items() if day >= date(2026, 11, 1))
    november = so_far + usual * (30 - night.day)
    december = usual * 31
    return [
        {"month": month, "amount": f"{amount:.2f}", "low": f"{amount * 0.95:.2f}", "high": f"{amount * 1.07:.2f}"}
        for month, amount in (("2026-11-01", november), ("2026-12-01", december))
    ]
