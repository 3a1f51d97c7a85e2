"""Channels, enquiries and campaigns by hand. Start at test_harbor.py."""

from kpis import COUNT, MONEY, RATIO, kpi
from kpis_sales import SOLD
from records import each, last, ratio


@kpi("concentration.top_channel", RATIO)
def largest_channel(books, night):
    year, revenue = last(365, night), {}
    for b in books.bookings:
        if b.status in SOLD and b.channel and b.booked in year and b.price is not None:
            revenue[b.channel.lower()] = revenue.get(b.channel.lower(), 0) + b.price
    return {None: ratio(max(revenue.values(), default=0), sum(revenue.values()))}


@kpi("channels.commission_rate", RATIO)
def commission(books, night):
    """Of bookings with a price: a commission on a price that nobody knows is no part of a rate."""
    keep_commissions = {b.entity for b in books.bookings if b.commission is not None}
    priced = [b for b in books.bookings if b.status in SOLD and b.booked in last(365, night) and b.price is not None]
    rates = each(priced, lambda those: ratio(sum(b.commission or 0 for b in those), sum(b.price for b in those)))
    return {entity: rate for entity, rate in rates.items() if keep_commissions and entity in keep_commissions | {None}}


@kpi("channels.live_ota", COUNT)
def live_platforms(books, night):
    return each([c for c in books.channels if c.kind == "ota"], lambda those: sum(c.live for c in those))


@kpi("channels.potential_blocked", MONEY)
def potential_of_what_is_not_live(books, night):
    return each(books.channels, lambda those: sum(c.potential or 0 for c in those if not c.live))


@kpi("leads.created_30d", COUNT)
def enquiries(books, night):
    return each(books.leads, lambda those: sum(lead.created in last(30, night) for lead in those))


@kpi("funnel.quote_rate", RATIO)
def quoted(books, night):
    recent = [lead for lead in books.leads if lead.created in last(90, night)]
    return each(recent, lambda those: ratio(sum(lead.quoted or lead.step in {"quote", "won"} for lead in those), len(those)))


@kpi("funnel.win_rate", RATIO)
def won(books, night):
    recent = [lead for lead in books.leads if lead.created in last(90, night)]
    return each(recent, lambda those: ratio(sum(lead.step == "won" for lead in those), len(those)))


@kpi("campaigns.delivered_rate", RATIO)
def delivered(books, night):
    sent = [c for c in books.campaigns if c.sent and c.sent <= night and c.delivered is not None and c.size]
    return each(sent, lambda those: ratio(sum(c.delivered for c in those), sum(c.size for c in those)))


@kpi("campaigns.days_since_send", COUNT)
def since_the_last_campaign(books, night):
    sent = [c for c in books.campaigns if c.sent and c.sent <= night]
    return each(sent, lambda those: (night - max(c.sent for c in those)).days)


@kpi("campaigns.revenue", MONEY)
def traced_to_campaigns(books, night):
    known = [c for c in books.campaigns if c.sent in last(365, night) and c.revenue is not None]
    return each(known, lambda those: sum(c.revenue for c in those))


@kpi("campaigns.reachable", COUNT)
def reachable(books, night):
    return each(books.mailable, lambda those: sum(who.consent and who.reachable for who in those))
