"""Buckets and the distributions in front of them, in the recorded inventory."""

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
ACCOUNT = {  # nobody has set the account's own public access block
    "block_public_acls": "false",
    "ignore_public_acls": "false",
    "block_public_policy": "false",
    "restrict_public_buckets": "false",
}
USUAL = {"viewer_protocol": "redirect-to-https", "logging": "false", "default_root_object": "index.html", "oac": "true"}
GUESTS = {"default_root_object": "", "oac": "false"}
PORTAL = {"viewer_protocol": "https-only", "logging": "true"}
SITES = {  # id: entity, alias, origin, WAF, TLS, cache hits, cost, and where it differs from USUAL
    "E1JADASITE": ("jada", "jada.example.com", "harbor-jada-site", "", "TLSv1.2_2021", 0.91, 0.9, {}),
    "E2QOSSITE": ("qos", "queen.example.com", "harbor-qos-site", "", "TLSv1", 0.58, 2.9, {"oac": "false"}),
    "E3QOSGUESTS": ("qos", "guests.queen.example.com", "harbor-qos-guests", "", "TLSv1.1_2016", 0.0, 0.1, GUESTS),
    "E4QDNSITE": ("qdn", "dump.example.com", "harbor-qdn-site", "", "TLSv1.2_2019", 0.83, 0.8, {"oac": "false"}),
    "E5DCPORTAL": ("dc", "portal.centaur.example.com", "harbor-dc-clients", "dc-portal", "TLSv1.2_2021", 0.88, 1.4, PORTAL),
    "E1RENTALSITE": ("rental", "rental3028.example.com", "harbor-rental-guide", "", "TLSv1.2_2021", 0.95, 0.2, {}),
    "E6EYDSITE": ("eyd", "delivery.example.com", "harbor-eyd-tracks", "", "TLSv1.2_2021", 0.93, 0.2, {}),
}


def tables():
    return {"s3_account": [ACCOUNT], "s3_bucket": buckets(), "cloudfront_distribution": sites(), "waf_web_acl": [FIREWALL]}


def buckets():
    names = ["versioning", "encryption", "tls_only", "access_logs", "lifecycle"]
    for name, (entity, *settings, size, cost) in BUCKETS.items():
        row = {
            "name": name,
            "region": REGION,
            "public_access_block": "true",
            "account_public_access_block": "false",
            "account_restrict_public_buckets": "false",
            "public_policy": "false",
            **dict(zip(names, settings)),
            "size_gb": f"{size:.1f}",
            "monthly_cost": f"{cost:.2f}",
        }
        yield of(entity, row)


def sites():
    for id_, (entity, alias, origin, firewall, tls, hits, cost, differs) in SITES.items():
        yield {
            "id": id_,
            "domain": f"{id_.lower()}.cloudfront.example.com",
            "entity": entity,
            "aliases": f'["{alias}"]',
            "origin": f"{origin}.s3.{REGION}.amazonaws.com",
            "origin_exists": "true",
            "waf_acl": firewall,
            **(USUAL | differs),
            "min_tls": tls,
            "cache_hit_ratio": f"{hits:.2f}",
            "monthly_cost": f"{cost:.2f}",
        }


FIREWALL = {"id": "dc-portal", "name": "dc-portal", "entity": "dc", "rules": "2"}  # its logging: see GAPS
