"""Buckets, distributions, zones, certificates, secrets, mail and people of the recorded inventory."""

from compute import REGION, of

BUCKETS = {  # name: entity, versioning, encryption, TLS only, access logs, lifecycle, GB, cost
    "harbor-jada-site": ("jada", "false", "AES256", "true", "false", "false", 1.2, 0.05),
    "harbor-jada-photos": ("jada", "false", "AES256", "false", "false", "false", 96.0, 2.21),
    "harbor-qos-site": ("qos", "false", "AES256", "false", "false", "false", 2.4, 0.08),
    "harbor-qos-guests": ("qos", "false", "AES256", "true", "false", "false", 0.9, 0.04),
    "harbor-qos-video": ("qos", "false", "AES256", "false", "false", "false", 212.0, 4.88),
    "harbor-qdn-photos": ("qdn", "false", "AES256", "false", "false", "false", 61.0, 1.40),
    "harbor-qdn-site": ("qdn", "false", "AES256", "false", "false", "false", 0.3, 0.02),
    "harbor-dc-clients": ("dc", "true", "aws:kms", "true", "true", "true", 34.0, 0.78),
    "harbor-dc-backups": ("dc", "true", "aws:kms", "true", "true", "true", 48.0, 0.60),
    "harbor-rental-guide": ("rental", "false", "AES256", "true", "false", "false", 0.6, 0.03),
    "harbor-eyd-tracks": ("eyd", "false", "AES256", "false", "false", "false", 0.9, 0.03),
    "harbor-backups": (None, "true", "AES256", "true", "false", "false", 71.0, 1.63),
    "harbor-logs": (None, "false", "AES256", "true", "true", "true", 9.0, 0.21),
}
SITES = {  # id: entity, alias, origin, origin exists, WAF, viewer protocol, logs, root object, OAC, TLS, cache hits, cost
    "E1JADASITE": ("jada", "jada.example.com", "harbor-jada-site", "true", "", "redirect-to-https", "false", "index.html", "true", "TLSv1.2_2021", 0.91, 0.9),
    "E2QOSSITE": ("qos", "queen.example.com", "harbor-qos-site", "true", "", "redirect-to-https", "false", "index.html", "false", "TLSv1", 0.58, 2.9),
    "E3QOSGUESTS": ("qos", "guests.queen.example.com", "harbor-qos-guests", "true", "", "redirect-to-https", "false", "", "false", "TLSv1.1_2016", 0.0, 0.1),
    "E4QDNSITE": ("qdn", "dump.example.com", "harbor-qdn-site", "true", "", "redirect-to-https", "false", "index.html", "false", "TLSv1.2_2019", 0.83, 0.8),
    "E5DCPORTAL": ("dc", "portal.centaur.example.com", "harbor-dc-clients", "true", "dc-portal", "https-only", "true", "index.html", "true", "TLSv1.2_2021", 0.88, 1.4),
    "E1RENTALSITE": ("rental", "rental3028.example.com", "harbor-rental-guide", "true", "", "redirect-to-https", "false", "index.html", "true", "TLSv1.2_2021", 0.95, 0.2),
    "E6EYDSITE": ("eyd", "delivery.example.com", "harbor-eyd-tracks", "true", "", "redirect-to-https", "false", "index.html", "true", "TLSv1.2_2021", 0.93, 0.2),
}
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
    "jada/stripe": ("jada", "true", "2026-10-11", "2026-11-20"), "jada/boatsetter-old": ("jada", "true", "2026-11-01", "2026-05-02"),
    "qos/mail": ("qos", "false", "2026-09-15", "2026-11-01"), "qos/viator-old": ("qos", "true", "2026-11-01", "2025-10-30"),
    "qdn/twilio": ("qdn", "true", "2026-10-20", "2026-11-20"), "dc/portal-jwt": ("dc", "false", "2023-11-05", "2026-11-20"),
    "dc/old-registrar": ("dc", "true", "2026-11-01", None), "rental/lock": ("rental", "true", "2026-10-02", "2026-11-19"),
    "ledger/bank-import": (None, "false", "2026-10-08", "2026-11-20"),
}


def tables():
    return {
        "s3_bucket": list(buckets()), "cloudfront_distribution": list(sites()), "route53_zone": list(zones()),
        "route53_domain": list(domains()), "acm_certificate": list(certificates()), "secret": list(secrets()),
        "ses_identity": list(identities()), "ses_account": [MAIL], "waf_web_acl": [FIREWALL], "iam_user": PEOPLE, "inventory_gap": GAPS,
    }


def buckets():
    names = ["versioning", "encryption", "tls_only", "access_logs", "lifecycle"]
    for name, (entity, *settings, size, cost) in BUCKETS.items():
        row = {"name": name, "region": REGION, "public_access_block": "true", "public_policy": "false", **dict(zip(names, settings)), "size_gb": f"{size:.1f}", "monthly_cost": f"{cost:.2f}"}
        yield of(entity, row)


def sites():
    names = ["waf_acl", "viewer_protocol", "logging", "default_root_object", "oac", "min_tls"]
    for id_, (entity, alias, origin, exists, *settings, hits, cost) in SITES.items():
        yield {"id": id_, "domain": f"{id_.lower()}.cloudfront.example.com", "entity": entity, "aliases": f'["{alias}"]',
               "origin": f"{origin}.s3.{REGION}.amazonaws.com", "origin_exists": exists, **dict(zip(names, settings)),
               "cache_hit_ratio": f"{hits:.2f}", "monthly_cost": f"{cost:.2f}"}


def zones():
    for index, (name, (entity, renews, *_)) in enumerate(DOMAINS.items()):
        if renews:
            yield {"id": f"Z{index:03d}HARBOR", "name": name, "entity": entity, "records": str(6 + index * 3), "query_logging": "false", "monthly_cost": "0.50"}


def domains():
    for name, (entity, renews, locked, expires, *_) in DOMAINS.items():
        if renews:
            yield {"name": name, "entity": entity, "auto_renew": renews, "transfer_lock": locked, "expires_on": expires}


def certificates():
    for index, (name, (entity, *_, expires, used)) in enumerate(DOMAINS.items()):
        yield {"arn": f"arn:aws:acm:us-east-1:000000000000:certificate/{index:08d}", "domain": name, "entity": entity,
               "status": "ISSUED", "expires_on": expires, "in_use": used}
    yield {"arn": "arn:aws:acm:us-east-1:000000000000:certificate/00000099", "domain": "*.queen.example.com", "entity": "qos",
           "status": "PENDING_VALIDATION", "in_use": "false"}


def secrets():
    for name, (entity, rotation, rotated, used) in KEYS.items():
        row = {"name": name, "region": REGION, "rotation": rotation, "last_rotated_on": rotated, "monthly_cost": "0.40"}
        yield of(entity, row | ({"last_used_on": used} if used else {}))


def identities():
    for name, (entity, *_) in DOMAINS.items():
        good = entity in ("dc", "rental")
        yield {"identity": name, "entity": entity, "dkim": "true" if good or entity == "qos" else "false",
               "mail_from": f"mail.{name}" if good else "", "spf": "true" if entity != "eyd" else "false",
               "dmarc": "true" if good else "false"}


MAIL = {"region": REGION, "sandbox": "false", "sending_enabled": "true", "daily_quota": "50000", "sent_24h": "38", "max_send_rate": "14",
        "bounce_rate": "0.041", "complaint_rate": "0.0007", "suppressed": "136"}
FIREWALL = {"id": "dc-portal", "name": "dc-portal", "entity": "dc", "rules": "2"}  # its logging: see GAPS
PEOPLE = [
    {"name": "deploy", "mfa": "true", "admin": "true", "key_age_days": "41", "last_used_on": "2026-11-20"},
    {"name": "operations", "mfa": "true", "admin": "true", "key_age_days": "64", "last_used_on": "2026-11-20"},
    {"name": "bookkeeper", "mfa": "true", "admin": "false", "last_used_on": "2026-11-18"},
]
GAPS = [{"service": "wafv2", "region": REGION, "operation": "GetLoggingConfiguration", "error": "AccessDeniedException"}]
