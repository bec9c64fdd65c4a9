"""What a message is about, read fresh: its names, amounts and dates, and a fingerprint of them.

The fingerprint is compared at the gate: a text that was written for other amounts is written anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from app.book.snapshot import Snapshot
from app.delivery.claim import Claimed
from app.delivery.parties import Parties, is_of_dispute
from app.delivery.sources import Sources, forbids_link
from app.wording import page_codes
from app.wording.context import (
    Brand,
    Claim,
    FormOfAddress,
    InstalmentLine,
    InvoiceLine,
    MessageContext,
)
from app.wording.crisis import crisis_line
from app.wording.links import placeholder
from campaigns.calendar import local_date
from campaigns.duties import Act
from campaigns.facts import Facts, InvoiceFact
from campaigns.journey import Day, End, Journey
from campaigns.keys import derive
from campaigns.money import Money, totals
from campaigns.notices import earliest
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, Medium, Outcome, SubjectKind


@dataclass(frozen=True, slots=True)
class Material:
    """One message's facts in the shape that words take, and their fingerprint."""

    context: MessageContext
    recipient: str
    copied_to: tuple[str, ...]
    locale: str
    invoice_ids: tuple[int, ...]
    fingerprint: str
    sources: Sources


def says_otherwise(
    known: Material,
    claimed: Claimed,
    snapshot: Snapshot,
    parties: Parties,
    journey: Journey,
    rules: RuleSet,
    now: datetime,
) -> bool:
    """Whether this message would say something else now. To compare what it is made of is a tenth
    of the work of making it, and mostly nothing has changed since."""
    if snapshot.facts is known.sources.facts:  # nobody has read anything new
        return known.sources.without_link != forbids_link(claimed.row, snapshot, rules, now)
    if Sources.of(claimed, snapshot, parties, rules, now) == known.sources:
        return False
    fresh = material(claimed, snapshot, parties, journey, rules, now)
    return fresh.fingerprint != known.fingerprint


def material(
    claimed: Claimed,
    snapshot: Snapshot,
    parties: Parties,
    journey: Journey,
    rules: RuleSet,
    now: datetime,
) -> Material:
    """What this message would say now. Pure, once its rows are read."""
    row = claimed.row
    sources = Sources.of(claimed, snapshot, parties, rules, now)
    customer, contact = sources.customer, sources.contact
    recipient, *copies = sources.reached
    invoices = _spoken_of(row, snapshot)
    coming = _coming(row, snapshot)
    locale = (contact and contact.locale) or customer.locale or sources.creditor.locale
    handover_on = _handover_on(journey, snapshot, rules, now)
    context = _context(
        claimed, snapshot, parties, sources, locale, invoices, coming, handover_on, now
    )
    return Material(
        context=context,
        recipient=recipient,
        copied_to=tuple(copies),
        locale=locale,
        invoice_ids=tuple(invoice.id for invoice in (*invoices, *coming)),
        fingerprint=_fingerprint(sources, locale, context, (*invoices, *coming)),
        sources=sources,
    )


def _fingerprint(
    sources: Sources, locale: str, context: MessageContext, invoices: Sequence[InvoiceFact]
) -> str:
    """Of all that the message says. What most messages do not speak of is left out where it is
    empty, by name: to write out so many nothings took a third of a message's making."""
    said = {name: fact for name in _SELDOM if (fact := getattr(context, name)) != _UNSAID[name]}
    address = context.address
    marks = (
        sources.reached,
        locale,
        sources.without_link,
        context.customer,
        context.vocative,
        address.gender,
        address.formality,
        [(i.id, i.open.minor, i.due_on, i.disputed) for i in invoices],
        said,
    )
    return derive("material", marks)


_SELDOM = (
    "payment", "credit", "promise_amount", "promise_on", "instalment", "debit_on", "card_ending",
    "plan", "subscription", "answer_by", "dispute_numbers", "call", "answer", "claim",
)  # fmt: skip
_UNSAID = {name: getattr(MessageContext(Brand("", ""), date.min), name) for name in _SELDOM}


def _spoken_of(row: Mapping[str, Any], snapshot: Snapshot) -> tuple[InvoiceFact, ...]:
    """The claimable invoices; an answer to a dispute speaks of the disputed ones.

    A word before the due date names all that falls due within days.
    """
    if is_of_dispute(row):
        disputed = tuple(i for i in snapshot.facts.invoices if i.disputed)
        return disputed or snapshot.facts.invoices
    if snapshot.row["subject"] == SubjectKind.INVOICE:
        return (*snapshot.facts.claimable, *snapshot.facts.coming)
    return snapshot.facts.claimable


def _coming(row: Mapping[str, Any], snapshot: Snapshot) -> tuple[InvoiceFact, ...]:
    """What a reminder's mail mentions below its total. A text has no room for it."""
    reminds = row["category"] in (Category.REMINDER, Category.NOTICE)
    if row["medium"] != Medium.EMAIL or not reminds:
        return ()
    return () if snapshot.row["subject"] == SubjectKind.INVOICE else snapshot.facts.coming


def _context(
    claimed: Claimed,
    snapshot: Snapshot,
    parties: Parties,
    sources: Sources,
    locale: str,
    invoices: Sequence[InvoiceFact],
    coming: Sequence[InvoiceFact],
    handover_on: date | None,
    now: datetime,
) -> MessageContext:
    row = claimed.row
    creditor, customer, contact = sources.creditor, sources.customer, sources.contact
    latest, today = sources.latest, local_date(now, snapshot.zone)
    open_now = totals(invoice.open for invoice in invoices)
    due_on = min((i.due_on for i in invoices), default=snapshot.case.anchor_on)
    return MessageContext(
        brand=parties.brands[creditor.id],
        today=today,
        customer=contact.name if contact else customer.given_name or customer.name,
        vocative=None if contact else customer.vocative,
        address=FormOfAddress(None if contact else customer.gender, customer.formality),
        invoices=tuple(_line(i, parties.amounts, today) for i in invoices),
        totals=open_now,
        coming=tuple(_line(i, parties.amounts, today) for i in coming),
        due_on=due_on,
        days_past_due=(today - due_on).days,
        payment=latest.answered_by(row["origin"]),
        left=open_now,
        credit=tuple(Money(minor, currency) for currency, minor in sources.credit.items()),
        promise_amount=latest.promise[0] if latest.promise else None,
        promise_on=latest.promise[1] if latest.promise else None,
        handover_on=handover_on,
        handover_to=creditor.brand.get("handover_to"),
        instalment=_instalment(snapshot.facts),
        **_debit(snapshot.facts),
        plan=_plan(snapshot.facts),
        subscription=snapshot.facts.subscription.name if snapshot.facts.subscription else None,
        crisis=crisis_line(customer.country or creditor.country, locale),
        answer_by=sources.talk.answer_by or latest.answered_on(row["origin"]),
        call=sources.talk.call,
        answer=sources.talk.answer,
        dispute_numbers=_dispute_numbers(sources.disputes, invoices),
        claim=_claim(customer.custom),
        links=_link_places(claimed, is_claim=snapshot.facts.is_claim),
        page_code=page_codes.placeholder(claimed.links["pay"]),
        two_way=claimed.sender.two_way,
        without_link=sources.without_link,
    )


def _dispute_numbers(numbers: Mapping[int, str], invoices: Sequence[InvoiceFact]) -> str | None:
    """Of the invoices that the answer to a dispute speaks of; every other message has none."""
    return ", ".join(numbers[i.id] for i in invoices if i.id in numbers) or None


def _claim(custom: Mapping[str, Any]) -> Claim:
    """Where the claim comes from: custom attributes under the names of their variables."""
    if not custom:
        return _NO_CLAIM
    told: dict[str, Any] = {
        name: str(custom[name]) for name in _CLAIM if custom.get(name) not in (None, "")
    }
    if "contract_on" in told:
        told["contract_on"] = date.fromisoformat(told["contract_on"])
    return Claim(**told)


_CLAIM = tuple(field.name for field in fields(Claim))
_NO_CLAIM = Claim()


def _line(invoice: InvoiceFact, amounts: Mapping[int, Money], today: date) -> InvoiceLine:
    return InvoiceLine(
        number=invoice.number,
        due_on=invoice.due_on,
        amount=amounts[invoice.id],
        open=invoice.open,
        days_past_due=(today - invoice.due_on).days,
    )


def _handover_on(
    journey: Journey, snapshot: Snapshot, rules: RuleSet, now: datetime
) -> date | None:
    """When this journey hands over: its end's day, or as many days from now as it leaves, and no
    day before the law allows it, were its notice given now."""
    today = local_date(now, snapshot.zone)
    planned = _planned_handover(journey, snapshot.case.anchor_on, today)
    if planned is None:
        return None
    at = earliest(Act.THIRD_PARTY_HANDOVER, snapshot.facts, rules, now)
    return planned if at is None else max(planned, local_date(at, snapshot.zone))


def _planned_handover(journey: Journey, anchor_on: date, today: date) -> date | None:
    for step in journey.steps:
        if isinstance(step, End) and step.outcome is Outcome.HANDED_OVER:
            if not isinstance(step.anchor, Day):
                return None
            planned = anchor_on + timedelta(days=step.anchor.offset)
            return max(planned, today + _notice(journey, step))
    return None


def _notice(journey: Journey, end: End) -> timedelta:
    days = [s.anchor.offset for s in journey.steps if isinstance(s.anchor, Day) and s is not end]
    last = end.anchor.offset if isinstance(end.anchor, Day) else 0
    said = [day for day in days if day < last]
    return timedelta(days=last - max(said, default=last))


def _instalment(facts: Facts) -> InstalmentLine | None:
    one = facts.instalment
    return InstalmentLine(one.number, one.of, one.amount, one.due_on) if one else None


def _debit(facts: Facts) -> dict[str, Any]:
    if facts.instalment is None:
        return {}
    debit = facts.instalment.debit
    return {"debit_on": debit.on, "card_ending": debit.card_ending}


def _plan(facts: Facts) -> tuple[InstalmentLine, ...]:
    parts = facts.plan.parts if facts.plan else ()
    return tuple(
        InstalmentLine(number, len(parts), amount, due_on)
        for number, (due_on, amount) in enumerate(parts, 1)
    )


def _link_places(claimed: Claimed, *, is_claim: bool) -> Mapping[str, str]:
    """Where nothing is asked for, there is nothing to dispute and no time to ask for."""
    places = {purpose: placeholder(link_id) for purpose, link_id in claimed.links.items()}
    return {**places, "dispute": places["pay"], "help": places["pay"]} if is_claim else places
