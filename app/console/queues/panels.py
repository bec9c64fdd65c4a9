"""What the page of a task shows besides the task: the wish, the dispute, the complaint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.disputes import dispute_number
from app.book.envelope import EnvelopeError, House, house_of
from app.console.queues.words import DISPUTED, TEAMS
from app.intake.complaints import complaint_of_reply
from app.intake.disputes import DisputeKind
from app.intake.help import LONGEST_PAUSE, Help, hardship_of, helps_given
from app.intake.plan_offers import Rhythm, Terms
from app.intake.plan_wishes import OFFER_DAYS, WIDEST, Wish, schedule, wish_of
from app.intake.proofs.kept import proofs_of
from app.intake.questions import question_of
from app.intake.replies.waiting import open_item_of
from app.intake.tasks import team_named
from app.payments.claimable import claimable, total_of
from app.store.given import table_of
from app.store.rows import Dispute, Invoice, MessageApproval, Reply
from app.web.catalogues import N_
from app.wording.debt_advice import advice_in
from campaigns.money import Money

_DISPUTE, _INVOICE, _REPLY = table_of(Dispute), table_of(Invoice), table_of(Reply)
_DECISION = table_of(MessageApproval)

RHYTHMS: Final[Mapping[str, str]] = {
    Rhythm.WEEKLY: N_("Every week"),
    Rhythm.FORTNIGHTLY: N_("Every two weeks"),
    Rhythm.MONTHLY: N_("Every month"),
}
HELPS: Final[Mapping[str, str]] = {
    Help.PAUSE: N_("A pause: nobody writes"),
    Help.PLAN: N_("A plan was talked over"),
    Help.REFERRAL: N_("Told who advises on debts"),
    Help.WRITE_OFF: N_("Asked the creditor to let go of it"),
    Help.TALK: N_("Somebody listened"),
}
STATES: Final[Mapping[str, str]] = {
    "open": N_("Open"),
    "agreed": N_("Agreed"),
    "declined": N_("Declined"),
    "countered": N_("Other terms offered"),
    "replaced": N_("Replaced by a later wish"),
    "upheld": N_("Upheld"),
    "partly": N_("Upheld in part"),
    "rejected": N_("Rejected"),
    "settled": N_("Settled"),
}

Facts = dict[str, Any]


def panel_of(session: Session, row: Row[Any], language: str, now: datetime) -> Facts:
    """The template of the panel, and what it shows. Reads nothing that was told in confidence."""
    make = _PANELS.get(row.kind)
    facts = make(session, row, now) if make is not None else None
    if facts is None:
        return {"panel": "plain"}
    if facts["panel"] == "hardship":
        facts["advice"] = advice_in(row.creditor_country, language)
    return facts


def _plan(session: Session, row: Row[Any], now: datetime) -> Facts | None:
    wish = wish_of(session, row.detail["plan_wish_id"])
    if wish is None:
        return None
    house = _house(session, row.creditor_id)
    total = Money(total_of(claimable(session, wish.customer_id, wish.currency)), wish.currency)
    part = Money(wish.part_minor, wish.currency) if wish.part_minor is not None else None
    terms = Terms(wish.parts, Rhythm(wish.rhythm), wish.first_on)
    today = house.today(now) if house else now.date()
    parts = schedule(Wish(total, terms, part), today) if total.minor else None
    return {
        "panel": "plan",
        "wish": wish,
        "total": total,
        "asked_for": Money(wish.amount_minor, wish.currency),
        "part": part,
        "parts": parts,
        "limits": house.plans if house else None,
        "widest": WIDEST,
        "rhythms": RHYTHMS,
        "state": STATES[wish.state],
        "words": _words(session, wish.reply_id),
        "offer_days": OFFER_DAYS,
        "until": today + timedelta(days=7),
    }


def _dispute(session: Session, row: Row[Any], _: datetime) -> Facts | None:
    query = (
        select(
            _DISPUTE,
            _INVOICE.c.number.label("invoice"),
            _INVOICE.c.currency,
            _INVOICE.c.amount_minor,
            _INVOICE.c.open_minor,
            _INVOICE.c.due_on,
        )
        .join(_INVOICE, _INVOICE.c.id == _DISPUTE.c.invoice_id)
        .where(_DISPUTE.c.id == row.detail["dispute_id"])
    )
    found = session.connection().execute(query).one_or_none()
    if found is None:
        return None
    credited, contested = found.credited_minor, found.contested_minor
    return {
        "panel": "dispute" if row.kind == "dispute" else "credit_note",
        "dispute": found,
        "dispute_number": dispute_number(found.id),
        "why": DISPUTED.get(found.kind, DISPUTED[DisputeKind.OTHER]),
        "state": STATES[found.state],
        "amount": Money(found.amount_minor, found.currency),
        "open": Money(found.open_minor, found.currency),
        "contested": Money(contested, found.currency) if contested is not None else None,
        "credited": Money(credited, found.currency) if credited is not None else None,
    }


def _hardship(session: Session, row: Row[Any], _: datetime) -> Facts:
    helps = [
        (one.at, HELPS.get(one.payload["help"], "")) for one in helps_given(session, row.whose)
    ]
    return {
        "panel": "hardship",
        "hardship": hardship_of(session, row.detail["hardship_id"]),
        "helps": helps,
        "kinds_of_help": HELPS,
        "longest_pause": LONGEST_PAUSE.days,
    }


def _complaint(session: Session, row: Row[Any], _: datetime) -> Facts | None:
    found = complaint_of_reply(session, row.detail["reply_id"], row.kind)
    return {"panel": "complaint", "complaint": found} if found is not None else None


def _reading(session: Session, row: Row[Any], _: datetime) -> Facts | None:
    number = row.detail.get("reply_id")
    if number is None:
        return None
    item = open_item_of(session, number)
    return {"panel": "reading", "item": item, "words": _words(session, number)}


def _paid(session: Session, row: Row[Any], _: datetime) -> Facts:
    number = row.detail.get("proof_id")
    proofs = proofs_of(session, proof_id=number) if number is not None else []
    proof = proofs[0] if proofs else None
    told = proof is not None and proof.amount_minor is not None
    return {
        "panel": "paid",
        "proof": proof,
        "paid": Money(proof.amount_minor, proof.currency) if proof and told else None,
        "words": _words(session, row.detail.get("reply_id")),
    }


def _question(session: Session, row: Row[Any], _: datetime) -> Facts:
    question = question_of(session, row.detail["question_id"])
    return {
        "panel": "question",
        "question": question,
        "asker": TEAMS[team_named(question.from_team)],
    }


def _approval(_session: Session, row: Row[Any], _: datetime) -> Facts:
    changed = {
        name: row.detail.get(name, ()) for name in ("added", "removed", "changed") if row.detail
    }
    return {"panel": "approval", "pack": row.detail.get("pack"), "changed": changed}


def _refused(session: Session, row: Row[Any], _: datetime) -> Facts | None:
    query = select(_DECISION).where(_DECISION.c.message_id == row.detail["message_id"])
    found = session.connection().execute(query.order_by(_DECISION.c.id.desc()).limit(1)).first()
    return {"panel": "refused", "decision": found} if found is not None else None


_PANELS: Final[Mapping[str, Callable[[Session, Row[Any], datetime], Facts | None]]] = {
    "plan_wished": _plan,
    "dispute": _dispute,
    "credit_note": _dispute,
    "hardship": _hardship,
    "complaint": _complaint,
    "data_request": _complaint,
    "already_paid": _paid,
    "question": _question,
    "reply": _reading,
    "opt_out_suspected": _reading,
    "promise_offered": _reading,
    "sign_off": _approval,
    "message_refused": _refused,
}


def _words(session: Session, reply_id: int | None) -> str:
    if reply_id is None:
        return ""
    query = select(_REPLY.c.text).where(_REPLY.c.id == reply_id)
    return session.connection().scalar(query) or ""


def _house(session: Session, creditor_id: int) -> House | None:
    try:
        return house_of(session, creditor_id)
    except EnvelopeError:  # limits that nobody can read are shown as none
        return None
