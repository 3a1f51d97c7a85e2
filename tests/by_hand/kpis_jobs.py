"""Deliveries, hauling, and the agency's contracts and hours by hand. Start at test_harbor.py."""

from decimal import Decimal

from kpis import COUNT, MONEY, NUMBER, RATIO, half_up, kpi
from records import complete_months, each, last, mean, ratio


def deliveries(books):
    return books.of_kind("delivery", books.jobs)


@kpi("delivery.quoted", COUNT, kind="delivery")
def quotes(books, night):
    return each(deliveries(books), lambda those: sum(job.quoted in last(365, night) for job in those))


@kpi("delivery.win_rate", RATIO, kind="delivery")
def won_per_quote(books, night):
    quoted = [job for job in deliveries(books) if job.quoted in last(365, night)]
    return each(quoted, lambda those: ratio(sum(job.won is not None for job in those), len(those)))


def delivered(books, night):
    return [job for job in deliveries(books) if job.status == "done" and job.done in last(365, night)]


@kpi("delivery.delivered", COUNT, kind="delivery")
def done(books, night):
    return each(deliveries(books), lambda those: sum(job.status == "done" and job.done in last(365, night) for job in those))


@kpi("delivery.days_to_invoice", NUMBER, kind="delivery")
def days_to_invoice(books, night):
    billed = [job for job in delivered(books, night) if job.invoiced]
    return each(billed, lambda those: half_up(mean((job.invoiced - job.done).days for job in those), Decimal("0.1")))


@kpi("delivery.not_invoiced", MONEY, kind="delivery")
def not_invoiced(books, night):
    return each(deliveries(books), lambda those: sum(job.price for job in those if job.status == "done" and not job.invoiced))


@kpi("delivery.margin", RATIO, kind="delivery")
def margin(books, night):
    return each(delivered(books, night), lambda those: ratio(
        sum(job.price - job.cost for job in those), sum(job.price for job in those)))


@kpi("hauling.jobs_30d", COUNT, kind="hauling")
def hauled(books, night):
    jobs = books.of_kind("hauling", books.jobs)
    return each(jobs, lambda those: sum(job.status == "done" and job.done in last(30, night) for job in those))


@kpi("mrr", MONEY)
def recurring(books, night):
    def runs(contract):
        return contract.status == "active" and contract.starts <= night and (contract.ends is None or contract.ends >= night)

    return each(books.contracts, lambda those: sum(c.monthly or 0 for c in those if runs(c)))


@kpi("billing.gap", MONEY)
def contracted_and_not_invoiced(books, night):
    """A recurring contract bills every month that it touches. What was invoiced on another contract does not fill its gap."""
    months = complete_months(3, night)

    def gap(contract):
        touched = sum(
            contract.starts <= month.last and (contract.ends is None or contract.ends >= month.first) for month in months)
        invoiced = sum(i.amount - i.credit for i in books.invoices
                       if i.contract == contract.number and any(i.issued in month for month in months))
        return max(contract.monthly * touched - invoiced, 0)

    billing = [c for c in books.contracts if c.monthly and c.status in {"active", "ended"}]
    return each(billing, lambda those: sum(map(gap, those)))


@kpi("agency.hours_30d", NUMBER, kind="agency")
def hours_worked(books, night):
    return each(books.hours, lambda those: sum(work.hours for work in those if work.on in last(30, night)))


@kpi("agency.work_without_contract", NUMBER, kind="agency")
def without_contract(books, night):
    """Hours for customers with whom no contract was ever in force."""
    signed = {contract.customer for contract in books.contracts if contract.status in {"active", "ended"}}
    return each(books.hours, lambda those: sum(
        work.hours for work in those if work.on in last(90, night) and work.customer not in signed))
