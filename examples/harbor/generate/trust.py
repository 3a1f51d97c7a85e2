"""Names, certificates, secrets, mail and people of the recorded inventory, and what could not be collected."""

from compute import REGION, of

DOMAINS = {  # name: entity, renews itself, locked, expires, certificate's expiry (None: issued by others), certificate in use
    "jada.example.com": ("jada", "true", "true", "2027-05-14", "2027-04-02", "true"),
    "queen.example.com": ("qos", "false", "true", "2026-12-16", "2026-12-09", "true"),
    "guests.queen.example.com": ("qos", None, None, None, "2026-11-24", "false"),
    "dump.example.com": ("qdn", "true", "true", "2027-08-30", "2027-06-11", "true"),
    "portal.centaur.example.com": ("dc", "true", "true", "2027-02-08", "2027-07-19", "true"),
    "rental3028.example.com": ("rental", "true", "true", "2027-01-22", "2027-03-30", "true"),
    "delivery.example.com": ("eyd", "false", "true", "2027-02-02", "2027-09-08", "true"),
}
KEYS = {  # name: entity, rotation, last rotated, last used
    "jada/stripe": ("jada", "true", "2026-10-11", "2026-11-20"),
    "jada/boatsetter-old": ("jada", "true", "2026-11-01", "2026-05-02"),
    "qos/mail": ("qos", "false", "2026-09-15", "2026-11-01"),
    "qos/viator-old": ("qos", "true", "2026-11-01", "2025-10-30"),
    "qdn/twilio": ("qdn", "true", "2026-10-20", "2026-11-20"),
    "dc/portal-jwt": ("dc", "false", "2023-11-05", "2026-11-20"),
    "dc/old-registrar": ("dc", "true", "2026-11-01", None),
    "rental/lock": ("rental", "true", "2026-10-02", "2026-11-19"),
    "ledger/bank-import": (None, "false", "2026-10-08", "2026-11-20"),
}


def tables():
    return {
        "route53_zone": zones(),
        "route53_domain": domains(),
        "acm_certificate": certificates(),
        "secret": secrets(),
        "ses_identity": identities(),
        "ses_account": [MAIL],
        "iam_user": PEOPLE,
        "inventory_gap": GAPS,
    }


def zones():
    for index, (name, (entity, renews, *_)) in enumerate(DOMAINS.items()):
        if renews:
            yield {
                "id": f"Z{index:03d}HARBOR",
                "name": name,
                "entity": entity,
                "records": str(6 + index * 3),
                "query_logging": "false",
                "monthly_cost": "0.50",
            }


def domains():
    for name, (entity, renews, locked, expires, *_) in DOMAINS.items():
        if renews:
            yield {"name": name, "entity": entity, "auto_renew": renews, "transfer_lock": locked, "expires_on": expires}


def certificates():
    for index, (name, (entity, *_, expires, used)) in enumerate(DOMAINS.items()):
        yield {
            "arn": f"arn:aws:acm:us-east-1:000000000000:certificate/{index:08d}",
            "domain": name,
            "entity": entity,
            "status": "ISSUED",
            "expires_on": expires,
            "in_use": used,
        }
    yield {
        "arn": "arn:aws:acm:us-east-1:000000000000:certificate/00000099",
        "domain": "*.queen.example.com",
        "entity": "qos",
        "status": "PENDING_VALIDATION",
        "in_use": "false",
    }


def secrets():
    for name, (entity, rotation, rotated, used) in KEYS.items():
        row = {"name": name, "region": REGION, "rotation": rotation, "last_rotated_on": rotated, "monthly_cost": "0.40"}
        yield of(entity, row | ({"last_used_on": used} if used else {}))


def identities():
    for name, (entity, *_) in DOMAINS.items():
        good = entity in ("dc", "rental")
        yield {
            "identity": name,
            "entity": entity,
            "dkim": "true" if good or entity == "qos" else "false",
            "mail_from": f"mail.{name}" if good else "",
            "spf": "true" if entity != "eyd" else "false",
            "dmarc": "true" if good else "false",
        }


MAIL = {
    "region": REGION,
    "sandbox": "false",
    "sending_enabled": "true",
    "daily_quota": "50000",
    "sent_24h": "38",
    "max_send_rate": "14",
    "bounce_rate": "0.041",
    "complaint_rate": "0.0007",
    "suppressed": "136",
}
PEOPLE = [
    {"name": "deploy", "mfa": "true", "admin": "true", "key_age_days": "41", "last_used_on": "2026-11-20"},
    {"name": "operations", "mfa": "true", "admin": "true", "key_age_days": "64", "last_used_on": "2026-11-20"},
    {"name": "bookkeeper", "mfa": "true", "admin": "false", "key_age_days": "", "last_used_on": "2026-11-18"},
]
GAPS = [
    {
        "service": "wafv2",
        "region": REGION,
        "operation": "GetLoggingConfiguration",
        "error": "AccessDeniedException",
        "resources": "1",
        "concerns": '["waf_web_acl.logging"]',
    }
]
