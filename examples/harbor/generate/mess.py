"""The mess of real tables: one value, many spellings. Which spelling a row has depends on who wrote it and when."""

import base64
from datetime import UTC, date, datetime, timedelta

FIRST = (
    "Ana Ben Carla Dmitri Elena Farid Grace Hugo Ines Jonas Keiko Lars Mei Noor Oscar Priya Quinn Rosa Sami Tara "
    "Umar Vera Wei Ximena Yusuf Zoe Aoife Björn Chloé Dörte Łukasz Søren"
).split()

HOSTILE = [
    "<script>alert('guest')</script>",
    '=HYPERLINK("https://example.com/x","refund")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3",
    "Renée 🚤⚓️ & friends",
    "\u202emoc.elpmaxe\u202c",
    "שלום\u200f, عالم\u200e",
    "Robert'); DROP TABLE bookings;--",
    "{{ 7*7 }} {% raw %}",
    "zero\u200bwidth\u2060 name\u0007",
    "a\r\nBcc: everyone@example.com",
    '"><img src=x onerror=alert(1)>',
    "# not [a](javascript:alert(1)) heading | pipe",
]


def person(random_, hostile=0.004):
    if random_.random() < hostile:
        return random_.choice(HOSTILE)
    return f"{random_.choice(FIRST)} {random_.choice('ABCDEFGHJKLMNOPRSTVW')}."


def long_note(random_, size=10_000):
    words = "wind tide gate code dog deposit cake late sorry thanks sail mooring key ladder speaker ice hat towels".split()
    text = []
    while sum(map(len, text)) + len(text) < size:
        text.append(random_.choice(words))
    return " ".join(text)[:size]


# --- money: integer cents in, any spelling out ------------------------------------------------------------------------
def number(cents):
    return cents // 100 if cents % 100 == 0 else cents / 100


def plain(cents):
    return f"{cents / 100:.2f}"


def dollars(cents):
    return f"-${-cents / 100:,.2f}" if cents < 0 else f"${cents / 100:,.2f}"


def money(random_, cents, styles=(number, plain, dollars)):
    return random_.choice(styles)(cents)


# --- time: always a local wall clock in, any spelling out -------------------------------------------------------------
def offset(moment):
    """Hours from UTC of a wall clock in California, by the rule in force since 2007."""
    second_sunday = 8 + (6 - date(moment.year, 3, 1).weekday())
    first_sunday = 1 + (6 - date(moment.year, 11, 1).weekday())
    summer = datetime(moment.year, 3, second_sunday, 2) <= moment < datetime(moment.year, 11, first_sunday, 2)
    return -7 if summer else -8


def at(day, hour=12, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute)


def utc(moment):
    return (moment - timedelta(hours=offset(moment))).replace(tzinfo=UTC)


def iso_day(moment):
    return moment.strftime("%Y-%m-%d")


def iso_local(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def iso_utc(moment):
    return utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_offset(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f"{offset(moment):+03d}:00"


def epoch(moment):
    return int(utc(moment).timestamp())


def epoch_ms(moment):
    return epoch(moment) * 1000


def us_day(moment):
    return f"{moment.month}/{moment.day}/{moment.year}"


def era(moment, spellings, length=180):
    """The writers of a table change every `length` days, and with them the spelling of its dates."""
    return spellings[(moment.date().toordinal() // length) % len(spellings)](moment)


# --- DynamoDB's own JSON ----------------------------------------------------------------------------------------------
def dynamodb(value):
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float)):
        return {"N": str(value)}
    if isinstance(value, bytes):
        return {"B": base64.b64encode(value).decode()}
    if isinstance(value, (set, frozenset)):
        return {"SS": sorted(value)}
    if isinstance(value, list):
        return {"L": [dynamodb(each) for each in value]}
    if isinstance(value, dict):
        return {"M": {key: dynamodb(each) for key, each in value.items()}}
    return {"S": value}


def plain_json(value):
    """For tables exported as plain JSON, which has neither sets nor bytes."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(type(value))
