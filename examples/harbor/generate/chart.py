"""The chart of accounts. An account is `<ENTITY>-<number>`, so a number alone never means two accounts.

`restricted` marks what is held for others: the *liability* accounts for customer deposits, collected tax and payroll
withholdings. Unrestricted cash = the cash accounts + the restricted liabilities (which are negative).
"""

PREFIX = {"jada": "JADA", "qos": "QOS", "qdn": "QDN", "dc": "DC", "rental": "RENT", "eyd": "EYD"}

# number: (name, type, parent, flags); flags: c cash, r restricted, p a parent that takes no postings
COMMON = {
    "1000": ("Bank", "asset", None, "p"),
    "1010": ("Operating checking", "asset", "1000", "c"),
    "1100": ("Accounts receivable", "asset", None, ""),
    "1300": ("Due from affiliates", "asset", None, ""),
    "1500": ("Equipment", "asset", None, ""),
    "1590": ("Accumulated depreciation", "asset", None, ""),
    "2010": ("Accounts payable", "liability", None, ""),
    "2520": ("Owner loan", "liability", None, ""),
    "2600": ("Due to affiliates", "liability", None, ""),
    "3000": ("Owner capital", "equity", None, ""),
    "3100": ("Owner draws", "equity", None, ""),
    "3900": ("Opening balance equity", "equity", None, ""),
    "4000": ("Revenue", "income", None, "p"),
    "6010": ("Advertising", "marketing", None, ""),
    "7000": ("Overhead", "fixed", None, "p"),
    "7010": ("Insurance", "fixed", "7000", ""),
    "7900": ("Depreciation", "depreciation", None, ""),
    "7950": ("Interest", "interest", None, ""),
    "9990": ("Suspense", "suspense", None, ""),
    "9999": ("Uncategorised expense", "suspense", None, ""),
}

CHARTER = {
    "4010": ("Charter revenue", "income", "4000", ""),
    "5000": ("Direct costs", "direct_cost", None, "p"),
    "5010": ("Crew", "direct_cost", "5000", ""),
    "5020": ("Captain", "direct_cost", "5000", ""),
    "5030": ("Port fees", "direct_cost", "5000", ""),
    "5510": ("Channel commissions", "commission", None, ""),
    "7030": ("Repairs and maintenance", "fixed", "7000", ""),
}

OWN = {
    "jada": CHARTER
    | {
        "1020": ("Certificate reserve (savings)", "asset", "1000", "c"),
        "1510": ("Vessel", "asset", None, ""),
        "2100": ("Customer deposits", "liability", None, "r"),
        "2300": ("Payroll withholdings", "liability", None, "r"),
        "2510": ("Vessel loan", "liability", None, ""),
        "4020": ("Forfeited deposits", "income", "4000", ""),
        "7020": ("Slip fees", "fixed", "7000", ""),
        "7025": ("Slip Fee", "fixed", "7000", ""),  # a near-duplicate that nobody posts to
        "7040": ("Certificate of inspection", "fixed", "7000", ""),
        "7050": ("Payroll", "fixed", "7000", ""),
        "7060": ("Software and phone", "fixed", "7000", ""),
    },
    "qos": CHARTER | {"7035": ("Permits and music licences", "fixed", "7000", "")},
    "qdn": {
        "2300": ("Payroll withholdings", "liability", None, "r"),
        "4010": ("Hauling revenue", "income", "4000", ""),
        "5040": ("Dump fees", "direct_cost", None, ""),
        "5050": ("Fuel", "direct_cost", None, ""),
        "7050": ("Payroll", "fixed", "7000", ""),
        "7080": ("Yard rent", "fixed", "7000", ""),
        "7030": ("Repairs and maintenance", "fixed", "7000", ""),
    },
    "dc": {
        "2300": ("Payroll withholdings", "liability", None, "r"),
        "4010": ("Retainers", "income", "4000", ""),
        "5060": ("Contractors", "direct_cost", None, ""),
        "7050": ("Payroll", "fixed", "7000", ""),
        "7060": ("Software", "fixed", "7000", ""),
        "7065": ("Cloud hosting", "fixed", "7000", ""),
        "7090": ("Accounting and legal", "fixed", "7000", ""),
    },
    "rental": {
        "1510": ("Property", "asset", None, ""),
        "2100": ("Guest deposits", "liability", None, "r"),
        "2200": ("Occupancy tax payable", "liability", None, "r"),
        "2510": ("Mortgage", "liability", None, ""),
        "4010": ("Room revenue", "income", "4000", ""),
        "5070": ("Cleaning", "direct_cost", None, ""),
        "5510": ("Platform commissions", "commission", None, ""),
        "7011": ("Homeowners association", "fixed", "7000", ""),
        "7012": ("Utilities", "fixed", "7000", ""),
        "7030": ("Repairs and maintenance", "fixed", "7000", ""),
    },
    "eyd": {
        "4010": ("Delivery revenue", "income", "4000", ""),  # exists, and nothing was ever posted to it
        "5080": ("Delivery crew and travel", "direct_cost", None, ""),
    },
}


def accounts(used):
    """(entity, number, name, type, parent, flags) of what a business declares: its own accounts, parents, and the common ones
    in `used`, a set of (entity, number)."""
    for entity in PREFIX:
        for number, entry in sorted((COMMON | OWN[entity]).items()):
            if number in OWN[entity] or "p" in entry[-1] or (entity, number) in used:
                yield entity, number, *entry
