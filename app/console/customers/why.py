"""Why a message went, or did not: the facts, the rules, the versions and the clock behind it.

What was decided is read from what is on record; beside it stands what the rules say today. It only
reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row, select
from sqlmodel import Session
from starlette.responses import Response

from app.book.snapshot import Snapshot, load
from app.console.customers.desk import ROOM, Id
from app.console.customers.plain import KINDS, STATES, STATUSES
from app.console.door import Visit, looks
from app.console.sentences import sentences_for
from app.engine.catalogue import Catalogue, NotPublished
from app.store.given import rows_by_id, table_of
from app.store.rows import (
    Attempt,
    Campaign,
    Case,
    Creditor,
    Customer,
    Message,
    Refused,
    Revision,
)
from app.web.catalogues import N_
from campaigns.asking import asks
from campaigns.explain import explain
from campaigns.money import Money
from campaigns.proposal import Proposal, Refusal
from campaigns.rules import Rule
from campaigns.stops import stops
from campaigns.vocabulary import Category, Medium, SubjectKind

if TYPE_CHECKING:
    from app.console.office import Office

_ATTEMPT, _REFUSED = table_of(Attempt), table_of(Refused)
_REVISION = table_of(Revision)
ASKED_BY: Final = {
    "gate": N_("the gate, just before it would leave"),
    "decide": N_("the decision about the next step"),
}


@dataclass(frozen=True, slots=True)
class RuleTold:
    """A rule that was asked. `known` is false for one that the rules of today do not hold."""

    id: str
    source: str
    status: str
    asks: str
    known: bool
    refuses: bool = False
    reason: str = ""
    params: Mapping[str, Any] | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """What the rules would answer now, about one medium."""

    medium: str
    refusal: Refusal | None
    until: datetime | None
    rules: Sequence[RuleTold]


@dataclass(frozen=True, slots=True)
class Version:
    """A revision behind a decision: what it is, its hash, and when it was published."""

    kind: str
    name: str
    hash: str
    published_at: datetime | None


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/why/message/{message_id}")
    def of_message(visit: Annotated[Visit, looks()], message_id: Id) -> Response:
        with office.database.read() as session:
            message = rows_by_id(session, Message, [message_id]).get(message_id)
            if message is None:
                raise HTTPException(404)
            return _page(office, visit, session, message.case_id, message=message)

    @routes.get("/why/refusal/{refusal_id}")
    def of_refusal(visit: Annotated[Visit, looks()], refusal_id: Id) -> Response:
        with office.database.read() as session:
            refusal = rows_by_id(session, Refused, [refusal_id]).get(refusal_id)
            if refusal is None:
                raise HTTPException(404)
            message = rows_by_id(session, Message, [refusal.message_id or 0]).get(
                refusal.message_id or 0
            )
            return _page(office, visit, session, refusal.case_id, message=message, refusal=refusal)

    @routes.get("/why/case/{case_id}")
    def of_case(visit: Annotated[Visit, looks()], case_id: Id) -> Response:
        with office.database.read() as session:
            return _page(office, visit, session, case_id)

    return routes


def _page(
    office: Office,
    visit: Visit,
    session: Session,
    case_id: int,
    *,
    message: Row[Any] | None = None,
    refusal: Row[Any] | None = None,
) -> Response:
    case = rows_by_id(session, Case, [case_id]).get(case_id)
    if case is None:
        raise HTTPException(404)
    customer = rows_by_id(session, Customer, [case.customer_id])[case.customer_id]
    creditor = rows_by_id(session, Creditor, [case.creditor_id])[case.creditor_id]
    office.catalogue.refresh(session)
    said, rules = sentences_for(office, visit), _rules(office.catalogue, case.creditor_id)
    attempts = _attempts(session, message)
    asked_by = said.say(ASKED_BY[refusal.asked_by]) if refusal is not None else ""
    return office.page(
        visit,
        "console/customers/why.html",
        room=ROOM,
        said=said,
        states={code: said.say(text) for code, text in STATES.items()},
        statuses={code: said.say(text) for code, text in STATUSES.items()},
        kinds={code: said.say(text) for code, text in KINDS.items()},
        case=case,
        campaign=rows_by_id(session, Campaign, [case.campaign_id])[case.campaign_id],
        customer=customer,
        creditor=creditor,
        message=message,
        refusal=refusal,
        asked_by=asked_by,
        deciding=_named([refusal.rule], rules)[0] if refusal is not None else None,
        attempts=[_tried(attempt, rules) for attempt in attempts],
        beside=_beside(session, message),
        versions=_versions(session, case, attempts),
        today=_today(session, office.catalogue, case, message, refusal, office.clock.now()),
    )


def _attempts(session: Session, message: Row[Any] | None) -> Sequence[Row[Any]]:
    if message is None:
        return ()
    query = select(_ATTEMPT).where(_ATTEMPT.c.message_id == message.id).order_by(_ATTEMPT.c.id)
    return session.connection().execute(query).all()


def _tried(attempt: Row[Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    kept = attempt.evidence
    return {
        "row": attempt,
        "rules": _named(kept.get("rules", ()), rules),
        "totals": [Money(minor, currency) for minor, currency in kept.get("totals", ())],
        "guard": kept.get("guard"),
        "probability": kept.get("choice_probability"),
        "tried": kept.get("locales_tried", ()),
    }


def _beside(session: Session, message: Row[Any] | None) -> Sequence[Row[Any]]:
    """Every medium that was refused in the decision which the message came of."""
    if message is None:
        return ()
    query = select(_REFUSED).where(
        _REFUSED.c.case_id == message.case_id, _REFUSED.c.at == message.created_at
    )
    return session.connection().execute(query.order_by(_REFUSED.c.id)).all()


def _rules(catalogue: Catalogue, creditor_id: int) -> Mapping[str, Rule]:
    try:
        packs = catalogue.policy(creditor_id).rules.packs
    except NotPublished:
        return {}
    return {rule.id: rule for pack in packs for rule in pack.rules}


def _named(ids: Iterable[str], rules: Mapping[str, Rule]) -> list[RuleTold]:
    return [
        _told(rules[name]) if name in rules else RuleTold(name, "", "", "", known=False)
        for name in ids
    ]


def _told(rule: Rule, answer: Refusal | None = None) -> RuleTold:
    return RuleTold(
        rule.head.id,
        rule.head.source,
        str(rule.head.status),
        asks(rule),
        known=True,
        refuses=answer is not None,
        reason=answer.reason if answer else "",
        params=answer.params if answer else None,
        opens_at=answer.look_again_at if answer else None,
    )


def _versions(session: Session, case: Row[Any], attempts: Sequence[Row[Any]]) -> list[Version]:
    """The journey of the case, and the template and the rules of each attempt."""
    hashes = {"journey": [case.journey_hash]}
    for attempt in attempts:
        hashes.setdefault("journey", []).append(attempt.evidence.get("journey", ""))
        hashes.setdefault("template", []).append(attempt.template_hash)
        hashes.setdefault("rules", []).append(attempt.evidence.get("rules_hash", ""))
    wanted = {each for kind in hashes.values() for each in kind if each}
    query = select(_REVISION.c.hash, _REVISION.c.name, _REVISION.c.published_at)
    rows = session.connection().execute(query.where(_REVISION.c.hash.in_(wanted))).all()
    known = {row.hash: row for row in rows}
    return [
        Version(
            kind,
            known[each].name if each in known else "",
            each,
            known[each].published_at if each in known else None,
        )
        for kind, named in hashes.items()
        for each in dict.fromkeys(named)
        if each
    ]


def _today(
    session: Session,
    catalogue: Catalogue,
    case: Row[Any],
    message: Row[Any] | None,
    refusal: Row[Any] | None,
    now: datetime,
) -> list[Today]:
    """By each medium on which the customer has an address; the one that is asked about first."""
    read = load(session, [case.id], now)
    snapshot = read[0] if read else None
    if not isinstance(snapshot, Snapshot):
        return []
    try:
        rules = catalogue.policy(snapshot.facts.creditor_id).rules
    except NotPublished:
        return []
    category = Category(message.category) if message is not None else Category.REMINDER
    subject = SubjectKind(snapshot.row["subject"])
    stopped = stops(snapshot.facts, now, category=category, subject=subject, acted_at=None)
    found: dict[Medium, Today] = {}
    for channel in snapshot.facts.channels:
        if channel.medium in found:
            continue
        proposal = Proposal(channel, category, "explain", template_has_link=True)
        answer = explain(proposal, snapshot.facts, rules, now)
        verdict = answer.verdict
        refused = stopped or (verdict if isinstance(verdict, Refusal) else None)
        found[channel.medium] = Today(
            str(channel.medium),
            refused,
            None if isinstance(verdict, Refusal) else verdict.until,
            [_told(each.rule, each.refusal) for each in answer.answers],
        )
    about = (refusal.medium if refusal is not None else None) or (message.medium if message else "")
    return sorted(found.values(), key=lambda one: one.medium != about)
