"""What the accounting document must find: every deliberate flaw of the books, in one place.

Only the money in suspense touches a bank account.
"""

from datetime import date

import mess


def plant(ledger):
    flaw = ledger.post_anyway
    # Two unbalanced transactions: digits swapped (54.00 off), and a line that was never entered.
    flaw(date(2026, 9, 14), "qdn", "card settlement", [("1100", 31_500), ("4010", -36_900)])
    flaw(date(2026, 10, 27), "jada", "accrued chandlery", [("7030", 18_240)])
    # Money that arrived and nobody knew for what.
    flaw(date(2026, 8, 19), "rental", "deposit, sender unknown", [("1010", 41_237), ("9990", -41_237)])
    flaw(date(2026, 10, 5), "dc", "wire, no reference", [("1010", 118_000), ("9990", -118_000)])
    # Expenses nobody categorised, without receipts.
    for day, entity, cents, memo in [
        (date(2026, 8, 3), "jada", 8_412, "card 4411"),
        (date(2026, 8, 21), "qdn", 13_999, "online order"),
        (date(2026, 9, 9), "dc", 4_900, "subscription?"),
        (date(2026, 9, 30), "jada", 22_150, "reimbursed, what for?"),
        (date(2026, 10, 12), "rental", 6_725, "hardware store"),
        (date(2026, 10, 19), "eyd", 31_040, "airport hotel"),
        (date(2026, 11, 4), "qdn", 5_580, "card 0093"),
    ]:
        flaw(day, entity, memo, [("9999", cents), ("2010", -cents)], receipt=False)
    # The same bill entered twice, two days apart.
    for day in (date(2026, 9, 22), date(2026, 9, 24)):
        flaw(day, "jada", "invoice 2291 sail repair", [("7030", 68_450), ("2010", -68_450)], counterparty="sailmaker")
    # Capital items above 2,500 in expense.
    flaw(date(2026, 5, 18), "jada", "new mainsail", [("7030", 486_000), ("2010", -486_000)], counterparty="sailmaker")
    flaw(date(2026, 3, 6), "qdn", "generator", [("7030", 315_000), ("2010", -315_000)], counterparty="dealer")
    # A posting to a parent account, and one to an account that the chart does not have.
    flaw(date(2026, 7, 7), "jada", "office chairs", [("7000", 24_900), ("2010", -24_900)])
    flaw(date(2026, 7, 30), "qos", "fireworks permit", [("7099", 15_500), ("2010", -15_500)])
    # Occupancy tax of one stay booked as revenue.
    flaw(date(2026, 6, 25), "rental", "occupancy tax June, cash guest", [("1100", 6_772), ("4010", -6_772)])
    # An inter-entity pair that does not agree: 1,500 lent, 1,200 noted by the borrower.
    flaw(date(2026, 6, 12), "jada", "loan to qdn", [("1300", 150_000), ("2010", -150_000)], "transfer", "qdn")
    flaw(date(2026, 6, 12), "qdn", "loan from jada", [("2010", 120_000), ("2600", -120_000)], "transfer", "jada")


def overnight(tables):
    """An invoice of DangerousCentaur that a client pays on the 20th; `__main__` posts the money."""
    for row in reversed(tables["dc-invoices"]):
        if row.item["client"] == "client-brewery" and row.item["state"] == "open" and row.since < date(2026, 10, 2):
            row.changed, row.was = date(2026, 11, 20), {"state": "open", "paid_on": None, "paid_amount": None}
            row.item |= {"state": "paid", "paid_amount": mess.plain(65_000), "paid_on": "2026-11-20T19:40:00Z"}
            return 65_000
    raise AssertionError("no open invoice of the brewery is left to be paid")
