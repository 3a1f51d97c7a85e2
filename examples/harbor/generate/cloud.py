"""What the cloud costs: a day and service at a time, 50 to 84 dollars a month, and the bills that the books pay."""

from datetime import date, timedelta

from core import END, days, months, next_month, rng

FIRST = date(2025, 9, 20)  # Cost Explorer keeps 14 months by day
# service: cents a month at the start, cents a month at the end, entity with the largest part of it
SERVICES = {
    "AWS Lambda": (640, 980, "jada"),
    "Amazon DynamoDB": (910, 1_340, "qos"),
    "Amazon Simple Storage Service": (780, 1_190, "qos"),
    "Amazon CloudFront": (520, 710, "dc"),
    "AmazonCloudWatch": (890, 1_460, "jada"),
    "Amazon API Gateway": (310, 390, "qdn"),
    "Amazon Route 53": (550, 550, "dc"),
    "AWS Secrets Manager": (360, 360, "jada"),
    "Amazon Simple Email Service": (120, 210, "qos"),
    "AWS WAF": (600, 600, "dc"),
    "AWS Key Management Service": (100, 100, "jada"),
}
ENTITIES = ["jada", "qos", "qdn", "dc", "rental", "eyd"]


def daily():
    """Rows of `cost_daily`, in dollars with four decimals as Cost Explorer gives them."""
    random_ = rng("cost")
    for day in days(FIRST, END):
        length = (next_month(day) - day.replace(day=1)).days
        progress = (day - FIRST) / (END - FIRST)
        for service, (start, end, main) in SERVICES.items():
            cents = (start + (end - start) * progress) / length * random_.uniform(0.9, 1.1)
            for entity, share in [(main, 0.6), (ENTITIES[day.toordinal() % 6], 0.3), (None, 0.1)]:
                row = {"day": day.isoformat(), "service": service, "amount": f"{cents * share / 100:.4f}"}
                yield day, row | ({"entity": entity} if entity else {})


def bills():
    """(day, cents) of each month's bill, paid on the 5th of the next month; a plain 61.00 before the daily data begins."""
    totals = {}
    for day, row in daily():
        month = day.replace(day=1)
        totals[month] = totals.get(month, 0) + float(row["amount"])
    for month in months(date(2024, 11, 1), END):
        paid = next_month(month) + timedelta(days=4)
        cents = round(totals[month] * 100) if month in totals and month > FIRST else 6_100
        yield paid, cents
