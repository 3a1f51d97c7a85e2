"""Functions, their secrets and the APIs in front of them, in the recorded inventory."""

import hashlib
import json
from datetime import timedelta

import mess
from core import END

REGION = "us-west-2"
# name: entity, runtime, memory MB, most used MB, timeout s, p95 ms, invocations and errors in 14 days, days since the code changed
FUNCTIONS = {
    "jada-calendar-api": ("jada", "nodejs20.x", 512, 141, 15, 820, 4_210, 12, 88),
    "jada-booking-webhook": ("jada", "nodejs20.x", 256, 118, 30, 1_450, 64, 0, 0),
    "jada-crew-reminder": ("jada", "python3.8", 128, 71, 60, 3_900, 14, 0, 702),
    "jada-checklist": ("jada", "python3.12", 128, 66, 10, 310, 212, 1, 240),
    "jada-hours-log": ("jada", "python3.12", 128, 64, 10, 290, 198, 0, 240),
    "jada-weather-sync": ("jada", "python3.9", 1024, 92, 60, 5_200, 672, 40, 511),
    "jada-ota-sync": ("jada", "nodejs18.x", 1024, 160, 120, 116_000, 336, 118, 104),
    "jada-receipts": ("jada", "nodejs20.x", 512, 210, 30, 2_300, 31, 0, 300),
    "qos-guest-pages": ("qos", "nodejs20.x", 512, 133, 10, 640, 9_830, 22, 61),
    "qos-blast-sender": ("qos", "python3.12", 2048, 240, 900, 412_000, 2, 0, 72),
    "qos-unsubscribe": ("qos", "nodejs16.x", 128, 70, 5, 410, 57, 0, 960),
    "qos-concert-tickets": ("qos", "nodejs18.x", 512, 150, 20, 1_900, 122, 9, 402),
    "qos-waiver-sign": ("qos", "nodejs20.x", 256, 0, 20, 0, 0, 0, 420),
    "qdn-quote-form": ("qdn", "nodejs18.x", 256, 120, 10, 9_400, 903, 611, 200),
    "qdn-sms-inbound": ("qdn", "nodejs20.x", 256, 96, 10, 700, 1_904, 14, 200),
    "qdn-dispatch": ("qdn", "python3.11", 256, 88, 15, 1_200, 420, 3, 171),
    "qdn-invoice": ("qdn", "python3.11", 256, 102, 30, 2_100, 96, 0, 171),
    "qdn-photo-resize": ("qdn", "python3.11", 1536, 610, 60, 8_800, 310, 2, 333),
    "dc-client-portal": ("dc", "nodejs20.x", 512, 188, 15, 930, 6_120, 31, 24),
    "dc-invoice-run": ("dc", "python3.12", 512, 90, 120, 22_000, 14, 1, 50),
    "dc-uptime-probe": ("dc", "python3.12", 512, 61, 30, 2_200, 40_320, 210, 500),
    "dc-dns-sync": ("dc", "python3.8", 128, 60, 60, 4_400, 336, 0, 812),
    "dc-contact-form": ("dc", "nodejs16.x", 256, 81, 10, 560, 402, 6, 905),
    "rental-ical-sync": ("rental", "python3.12", 256, 85, 60, 6_100, 1_344, 21, 160),
    "rental-lock-codes": ("rental", "python3.12", 128, 70, 20, 1_800, 28, 0, 160),
    "rental-guest-guide": ("rental", "nodejs20.x", 256, 90, 10, 380, 301, 0, 222),
    "eyd-quote-form": ("eyd", "nodejs20.x", 256, 77, 10, 420, 19, 0, 350),
    "eyd-position-log": ("eyd", "python3.11", 128, 62, 10, 300, 2_016, 5, 350),
    "nightly-backup": (None, "python3.9", 3008, 410, 900, 281_000, 14, 2, 640),
    "ledger-import": (None, "python3.12", 512, 201, 300, 45_000, 14, 0, 33),
    "auth-login": (None, "nodejs18.x", 256, 99, 10, 610, 1_210, 4, 455),
    "auth-verify": (None, "nodejs18.x", 128, 78, 5, 120, 12_400, 9, 455),
}
SECRETS = {  # function: [(variable, rule)]
    "jada-booking-webhook": [("STRIPE_SECRET_KEY", "stripe-access-token")],
    "jada-ota-sync": [("BOATSETTER_API_KEY", "generic-api-key")],
    "qdn-sms-inbound": [("TWILIO_AUTH_TOKEN", "twilio-api-key")],
    "qos-blast-sender": [("SMTP_PASSWORD", "generic-password")],
    "auth-login": [("JWT_SECRET", "generic-secret")],
    "dc-dns-sync": [("AWS_SECRET_ACCESS_KEY", "aws-access-token")],
    "nightly-backup": [("DATABASE_URL", "uri-credential")],
}
URLS = {"eyd-quote-form": "AWS_IAM", "dc-contact-form": "AWS_IAM", "ledger-import": "AWS_IAM"}
DEAD_LETTER = {
    "qdn-quote-form": "qdn-quotes-dlq",
    "jada-booking-webhook": "jada-webhooks-dlq",
    "dc-invoice-run": "dc-invoices-dlq",
}
APIS = {  # id: name, entity, kind, authorizer, expiry of tokens checked, requests per second, access logs, WAF, cost
    "a1jadacal": ("jada-calendar", "jada", "HTTP", "JWT", "false", "", "false", "", 0.9),
    "a2qosguest": ("qos-guest-pages", "qos", "HTTP", "", "", "", "false", "", 1.1),
    "a3qdnjobs": ("qdn-jobs", "qdn", "REST", "", "", "", "false", "", 1.2),
    "a4dcportal": (
        "dc-portal",
        "dc",
        "HTTP",
        "JWT",
        "false",
        "50",
        "true",
        "arn:aws:wafv2:us-west-2:000000000000:regional/webacl/dc",
        0.5,
    ),
    "a5rental": ("rental-guide", "rental", "HTTP", "", "", "20", "true", "", 0.1),
    "a6ledger": ("ledger", None, "REST", "AWS_IAM", "true", "10", "true", "", 0.1),
}


def tables():
    return {"lambda_function": functions(), "lambda_env_secret": secrets(), "api_gateway": apis()}


def of(entity, row):
    """A resource whose name or tags tell no entity has none."""
    return row | ({"entity": entity} if entity else {})


def functions():
    for name, (entity, runtime, memory, used, timeout, p95, calls, errors, age) in FUNCTIONS.items():
        names = sorted(["TABLE", "WEBHOOK_URL"] + [variable for variable, _ in SECRETS.get(name, [])])
        seconds = calls * min(p95, timeout * 1000) / 2_500 * 30 / 14
        row = {
            "name": name,
            "arn": f"arn:aws:lambda:{REGION}:000000000000:function:{name}",
            "region": REGION,
            "runtime": runtime,
            "architecture": "arm64" if entity == "dc" else "x86_64",
            "memory_mb": str(memory),
            "timeout_s": str(timeout),
            "code_modified_at": mess.iso_utc(mess.at(END - timedelta(days=age), 14)),
            "env_names": json.dumps(names, separators=(",", ":")),
            "dead_letter_target": DEAD_LETTER.get(name, ""),
            "url": f"https://{name}.example.com/" if name in URLS else "",
            "invocations_14d": str(calls),
            "errors_14d": str(errors),
            "throttles_14d": "37" if name == "dc-uptime-probe" else "0",
            "monthly_cost": f"{seconds * memory / 1024 * 0.0000166667 * 4 + 0.02:.2f}",
        }
        if name in URLS:
            row |= {"url_auth": URLS[name], "url_cors": '["https://books.example.com"]'}
        if calls:
            row |= {"max_used_mb_14d": str(used), "p95_ms_14d": str(p95)}
        yield of(entity, row)


def secrets():
    return [
        of(
            FUNCTIONS[name][0],
            {
                "function": name,
                "variable": variable,
                "rule": rule,
                "fingerprint": hashlib.sha256(f"{name}/{variable}".encode()).hexdigest()[:12],
            },
        )
        for name, found in SECRETS.items()
        for variable, rule in found
    ]


def apis():
    for id_, (name, entity, kind, authorizer, expiry, rate, logs, acl, cost) in APIS.items():
        yield of(
            entity,
            {
                "id": id_,
                "name": name,
                "region": REGION,
                "kind": kind,
                "stage": "prod",
                "authorizer": authorizer,
                "jwt_expiry_checked": expiry,
                "throttle_rate": rate,
                "access_logs": logs,
                "waf_acl": acl,
                "monthly_cost": f"{cost:.2f}",
            },
        )
