"""Promises that rows alone can break: doubles, stuck rows, missing reasons and missing evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import Session

from app.engine.checks.finding import PromiseCheck, Tally
from app.engine.checks.pages import count, ids, pages
from app.store.columns import word
from app.store.given import table_of
from app.store.publishing import contents, current
from app.store.rows import (
    Attempt,
    Case,
    Creditor,
    Customer,
    Event,
    Inbound,
    Message,
    Refused,
    Revision,
)
from app.wording.render import Wording
from campaigns.reasons import REASONS, sentence
from channels.delivery import DeliveryStatus

STUCK = timedelta(days=2)  # longer than any lease, retry or unclear window
UNHEARD = timedelta(hours=25)
MAYBE_SENT = ("accepted", "assumed_sent", "unclear", "sending")
UNFINISHED = ("waiting", "sending", "unclear")
UNSAID = ("refused", "stopped", "expired")
EVIDENCE = ("now", "guard", "rules", "rules_hash", "permitted_until", "journey", "template")

_ATTEMPT, _MESSAGE, _CASE = table_of(Attempt), table_of(Message), table_of(Case)
_REFUSED, _REVISION, _INBOUND = table_of(Refused), table_of(Revision), table_of(Inbound)
_CUSTOMER, _CREDITOR, _EVENT = table_of(Customer), table_of(Creditor), table_of(Event)


def nothing_is_sent_twice(session: Session) -> PromiseCheck:
    tally = Tally()
    tally.examined = count(session, _ATTEMPT)
    earlier = _ATTEMPT.alias("earlier")
    doubled = (
        select(_ATTEMPT.c.message_id)
        .join_from(_ATTEMPT, earlier, earlier.c.message_id == _ATTEMPT.c.message_id)
        .where(
            earlier.c.number < _ATTEMPT.c.number,
            earlier.c.state.in_(MAYBE_SENT),
            ~earlier.c.failed,
            _ATTEMPT.c.state.in_(MAYBE_SENT),
        )
        .distinct()
        .order_by(_ATTEMPT.c.message_id)
    )
    tally.all_wrong("message", session.connection().execute(doubled).scalars())
    return tally.finding(1, "Nothing is sent twice", "attempts after one that may have left")


def no_case_is_lost(session: Session, now: datetime) -> PromiseCheck:
    tally, open_case = Tally(), _CASE.c.phase != word("closed")
    tally.examined = count(session, _CASE, open_case) + count(
        session, _MESSAGE, _MESSAGE.c.state.in_(UNFINISHED)
    )
    told = exists().where(_MESSAGE.c.key == _CASE.c.message_key)
    tally.all_wrong(
        "case without a look", ids(session, _CASE, open_case, _CASE.c.look_at.is_(None))
    )
    tally.all_wrong(
        "case not looked at", ids(session, _CASE, open_case, _CASE.c.look_at < now - STUCK)
    )
    tally.all_wrong(
        "case without its message", ids(session, _CASE, _CASE.c.phase == "pending", ~told)
    )
    settled = exists().where(
        _MESSAGE.c.key == _CASE.c.message_key, _MESSAGE.c.state.not_in(UNFINISHED)
    )
    tally.all_wrong(
        "case that slept through its outcome",
        ids(session, _CASE, _CASE.c.phase == "pending", settled, _CASE.c.look_at > now),
    )
    tally.all_wrong(
        "case that waits without end",
        ids(session, _CASE, _CASE.c.phase == "waiting", _CASE.c.wait_until.is_(None)),
    )
    stuck = or_(
        and_(_MESSAGE.c.state == word("waiting"), _MESSAGE.c.valid_until < now - STUCK),
        and_(_MESSAGE.c.state.in_(("sending", "unclear")), _MESSAGE.c.updated_at < now - STUCK),
    )
    tally.all_wrong("message that is stuck", ids(session, _MESSAGE, stuck))
    return tally.finding(2, "No case is lost", "open cases and unfinished messages")


def every_silence_has_a_reason(session: Session) -> PromiseCheck:
    tally = Tally()
    held = and_(_MESSAGE.c.state == word("waiting"), _MESSAGE.c.reason.is_not(None))
    for table, blanks, where in (
        (_MESSAGE, "reason_params", or_(held, _MESSAGE.c.state.in_(UNSAID))),
        (_REFUSED, "params", _REFUSED.c.id > 0),
        (_CASE, "reason_params", _CASE.c.phase == "closed"),
    ):
        for page in pages(session, table, ("reason", blanks), where):
            tally.examined += len(page)
            silent = (row.id for row in page if not _is_said(row.reason, row._mapping[blanks]))
            tally.all_wrong(table.name, silent)
    return tally.finding(5, "Every silence has a reason", "messages, refusals and closed cases")


def _is_said(reason: str | None, blanks: Mapping[str, str]) -> bool:
    """Whether it is a sentence that staff can read, without a blank left open."""
    return reason is not None and reason in REASONS and "«" not in sentence(reason, blanks)


def every_message_can_be_shown(session: Session) -> PromiseCheck:
    tally = Tally()
    known = frozenset(session.connection().execute(select(_REVISION.c.hash)).scalars())
    columns = ("text", "template_hash", "evidence")
    for page in pages(session, _ATTEMPT, columns, _ATTEMPT.c.erased_at.is_(None)):
        tally.examined += len(page)
        for row in page:
            evidence = row.evidence
            complete = row.text and all(evidence.get(name) is not None for name in EVIDENCE)
            if not complete or not {row.template_hash, evidence["journey"]} <= known:
                tally.wrong("attempt", row.id)
    return tally.finding(
        6, "Every message can be shown", "text, versions, rules and clock; not erased"
    )


def callbacks_land_once(session: Session, now: datetime) -> PromiseCheck:
    tally = Tally()
    tally.examined = count(session, _INBOUND) + count(
        session, _MESSAGE, _MESSAGE.c.delivery.is_not(None)
    )
    unheard = and_(_INBOUND.c.handled_at.is_(None), _INBOUND.c.received_at < now - UNHEARD)
    tally.all_wrong("callback", ids(session, _INBOUND, unheard, _INBOUND.c.problem.is_(None)))
    unknown = ~_MESSAGE.c.delivery.in_([str(status) for status in DeliveryStatus])
    tally.all_wrong("message", ids(session, _MESSAGE, unknown))
    arrived = _MESSAGE.c.delivered_at.is_not(None)
    before_arrival = _MESSAGE.c.delivery.in_(["accepted", "sent", "failed"])
    is_back = and_(arrived, before_arrival)
    unseen = and_(~arrived, _MESSAGE.c.delivery.in_(["delivered", "read"]))
    tally.all_wrong("message that went back", ids(session, _MESSAGE, or_(is_back, unseen)))
    repeated = (
        select(_EVENT.c.key)
        .where(_EVENT.c.key.is_not(None))
        .group_by(_EVENT.c.key)
        .having(func.count() > 1)
    )
    tally.all_wrong("event", session.connection().execute(repeated).scalars())
    return tally.finding(8, "Callbacks land once", "stored callbacks, delivery states, event keys")


def words_in_every_language(session: Session) -> PromiseCheck:
    """Every published template has words in every language that the book writes in."""
    tally = Tally()
    hashes = current(session, "template")
    wording = Wording.from_revisions(contents(session, hashes.values()))
    spoken = _languages(session)
    for template in wording.templates():
        tally.examined += len(spoken)
        for language in sorted(spoken - set(wording.locales_of(template))):
            tally.wrong("template", f"{template}/{language}")
    return tally.finding(10, "Words in every language", "published templates by language in use")


def _languages(session: Session) -> frozenset[str]:
    found: list[str] = []
    for column in (_CUSTOMER.c.locale, _CREDITOR.c.locale):
        found += _known(session.connection().execute(select(column).distinct()).scalars())
    return frozenset(locale.replace("_", "-").split("-")[0].lower() for locale in found)


def _known(locales: Iterable[str | None]) -> list[str]:
    return [locale for locale in locales if locale]
