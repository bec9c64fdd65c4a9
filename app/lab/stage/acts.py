"""What a newcomer may do in her world: let time pass, write, pay, break a provider, ask policy.

Each act goes the way that it goes in production: through intake, the gateway, the book, the phases
of delivery. Only the clock is moved by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count

from sqlalchemy import func, select

from app.book.snapshot import Snapshot, load
from app.delivery.prepare import Draft
from app.engine.catalogue import Catalogue
from app.intake.holds import release_hold
from app.intake.replies import ReplyTaken, Written, receive_reply
from app.intake.tasks import finish_task
from app.lab.stage import heroine
from app.lab.stage.world import MOMENT, World
from app.payments.checkout import start_checkout
from app.store.given import table_of
from app.store.rows import (
    Address,
    Attempt,
    Case,
    ContactPoint,
    Event,
    Hold,
    Link,
    Message,
    Publication,
    Refused,
    Sender,
    Task,
)
from app.web import acts as page
from app.web.account import account
from app.web.visits import LinkClosed, Visit, behind
from app.wording.links import token
from campaigns.keys import derive
from campaigns.money import Money
from campaigns.policy import permits, stops
from campaigns.proposal import Permit, Proposal, Refusal
from campaigns.vocabulary import Category, HoldKind, Medium, SubjectKind

AHEAD = timedelta(days=45)  # as far as "the next thing that happens" looks
_QUIET = (
    "message_sent", "message_delivered", "message_read", "CaseOpened", "CaseClosed",
    "MessageIntended", "MessageSettled",
)  # fmt: skip
READING = ("reply", "opt_out_suspected", "already_paid")
_HOLD = table_of(Hold)
_ADDRESS, _POINT, _SENDER = table_of(Address), table_of(ContactPoint), table_of(Sender)
_ATTEMPT, _MESSAGE, _LINK = table_of(Attempt), table_of(Message), table_of(Link)
_CASE, _EVENT, _TASK = table_of(Case), table_of(Event), table_of(Task)
_REFUSED, _PUBLICATION = table_of(Refused), table_of(Publication)
_numbers = count(1)


def next_day(world: World) -> None:
    """Until noon of tomorrow."""
    world.live(world.at(world.today + timedelta(days=1), heroine.NOON))


def next_thing(world: World) -> bool:
    """Until something happens that a person would tell. Answers whether anything did."""
    before = mark(world)
    world.settle()
    for _ in world.instants(world.now + AHEAD):
        world.settle()
        if mark(world) != before:
            world.live(world.now + MOMENT)
            return True
    return False


def moment(world: World) -> None:
    """What is due is done, and what was sent arrives."""
    world.live(world.now + MOMENT)


def mark(world: World) -> tuple[int, ...]:
    """Changes whenever something happens that the timeline tells."""
    queries = (
        select(func.count()).select_from(_EVENT).where(_EVENT.c.kind.not_in(_QUIET)),
        select(func.count()).select_from(_REFUSED),
        select(func.count()).select_from(_ATTEMPT),
        select(func.count()).select_from(_TASK),
        select(func.count()).select_from(_PUBLICATION),
        select(func.count()).where(_CASE.c.outcome.not_in(("exhausted",))),
    )
    with world.database.read() as session:
        return tuple(session.connection().execute(query).scalar_one() for query in queries)


def write(world: World, customer_id: int, medium: Medium, text: str) -> ReplyTaken:
    """She writes to her creditor, on a medium on which it writes to her."""
    query = (
        select(_ADDRESS.c.value, _SENDER.c.address)
        .join_from(_POINT, _ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
        .join(_SENDER, (_SENDER.c.medium == _POINT.c.medium) & (_SENDER.c.creditor_id == 1))
        .where(_POINT.c.customer_id == customer_id, _POINT.c.medium == medium)
    )
    with world.database.write() as session:
        hers, ours = session.connection().execute(query).one()
        key = f"sandbox:{derive('text', heroine.WHO, world.now.isoformat(), next(_numbers))}"
        written = Written(key, medium, hers, ours, text, world.now)
        taken = receive_reply(session, written, now=world.now)
    if medium is Medium.WHATSAPP:
        world.ledger.hear(hers, at=world.now)
    return taken


def read_answers(world: World, customer_id: int) -> None:
    """A colleague has read what she wrote: the holds end and the tasks are done."""
    holds = select(_HOLD.c.id).where(
        _HOLD.c.customer_id == customer_id,
        _HOLD.c.kind == HoldKind.REPLY,
        _HOLD.c.released_at.is_(None),
    )
    tasks = select(_TASK.c.key).where(
        _TASK.c.customer_id == customer_id,
        _TASK.c.state == "open",
        _TASK.c.kind.in_(READING),
    )
    with world.database.write() as session:
        for hold_id in session.connection().execute(holds).scalars().all():
            release_hold(session, hold_id, world.now)
        for key in session.connection().execute(tasks).scalars().all():
            finish_task(session, key, world.now)


def newest_page(world: World, customer_id: int) -> str | None:
    """The token of the newest link to her page that works now."""
    query = (
        select(_LINK.c.id)
        .where(
            _LINK.c.customer_id == customer_id,
            _LINK.c.purpose == "pay",
            _LINK.c.revoked_at.is_(None),
            _LINK.c.expires_at > world.now,
            _LINK.c.message_id.in_(select(_ATTEMPT.c.message_id)),
        )
        .order_by(_LINK.c.id.desc())
    )
    with world.database.read() as session:
        for link_id in session.connection().execute(query).scalars():
            made = token(world.settings.secret, link_id)
            try:
                behind(session, made, world.now)
            except LinkClosed:
                continue
            return made
    return None


def pay_all(world: World, customer_id: int) -> tuple[Money, ...]:
    """She pays all that her page asks for, by card. Answers what she paid."""
    made = newest_page(world, customer_id)
    if made is None:
        return ()
    with world.database.read() as session:
        found = behind(session, made, world.now)
        standing = account(session, found, world.now)
    for owed in standing.owed:
        _pay(world, found, owed, standing.asked_ids(owed.currency))
    return standing.owed


def _pay(world: World, found: Visit, owed: Money, invoice_ids: list[int]) -> None:
    checkout = start_checkout(
        world.database,
        world.gateway,
        customer_id=found.customer_id,
        case_id=page.case_of(world.database, found),
        amount=owed,
        invoice_ids=invoice_ids,
        nonce=derive("stage", world.now.isoformat(), next(_numbers)),
        now=world.now,
        return_url=f"{world.settings.base_url}/p/{found.token}/receipt",
    )
    if checkout.url is not None:
        world.gateway.pay(checkout.url.rpartition("/")[2], world.now)
    world.hear()


@dataclass(frozen=True, slots=True)
class Crossed:
    """A payment that came between the writing of a message and its gate."""

    paid: tuple[Money, ...]
    medium: str
    text: str
    left: bool


def pay_while_leaving(world: World, customer_id: int) -> Crossed | None:
    """Waits until a message that asks her for money is written, has her pay, and asks the gate.

    None when no such message comes, or when there is nothing that she could pay.
    """
    for _ in _now_and_later(world):
        world.hear()
        world.loops.enrolment.tick(world.now)
        while True:
            while world.loops.walk.tick(world.now).looked:
                continue
            crossed, claimed = _one_batch(world, customer_id)
            if crossed is not None:
                moment(world)
                return crossed
            if not claimed:
                break
    return None


def _now_and_later(world: World) -> Iterator[datetime]:
    yield world.now
    yield from world.instants(world.now + AHEAD)


def _one_batch(world: World, customer_id: int) -> tuple[Crossed | None, bool]:
    """The phases of a delivery, with her payment between the words and the gate if it is due."""
    delivery = world.loops.delivery
    claimed = delivery.claim(world.now)
    if not claimed:
        return None, False
    drafts = delivery.prepare(claimed, world.now)
    asking = next((draft for draft in drafts if isinstance(draft, Draft) and _asks(draft)), None)
    paid = pay_all(world, customer_id) if asking is not None else ()
    passed = delivery.gate(drafts)
    delivery.settle(delivery.dispatch(passed))
    if asking is None or not paid:
        return None, True
    left = any(each.draft is asking for each in passed)
    return Crossed(paid, asking.claimed.row["medium"], asking.rendered.text, left), True


def _asks(draft: Draft) -> bool:
    """Whether it asks for money."""
    return bool(draft.claimed.row["category"] != Category.RECEIPT)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules say of one medium at an hour of today."""

    medium: str
    verdict: Permit | Refusal


def try_at(world: World, customer_id: int, hour: time) -> tuple[Asked, ...]:
    """Asks whether a reminder might leave today at that hour: first what stops the case, then the
    rules of each medium. Nothing is changed by asking."""
    at = world.at(world.today, hour)
    with world.database.read() as session:
        catalogue = Catalogue()
        catalogue.refresh(session)
        found = _snapshot(world, customer_id, at)
    if found is None:
        return ()
    rules = catalogue.policy(found.row["creditor_id"]).rules
    subject = SubjectKind(found.row["subject"])
    stopped = stops(found.facts, at, category=Category.REMINDER, subject=subject)
    proposals = [Proposal(each, Category.REMINDER, "asked") for each in found.facts.channels]
    return tuple(
        Asked(str(asked.channel.medium), stopped or permits(asked, found.facts, rules, at))
        for asked in proposals
    )


def _snapshot(world: World, customer_id: int, at: datetime) -> Snapshot | None:
    """Her latest case as it would stand at `at`, an open one first."""
    query = (
        select(_CASE.c.id)
        .where(_CASE.c.customer_id == customer_id)
        .order_by(_CASE.c.phase == "closed", _CASE.c.id.desc())
        .limit(1)
    )
    with world.database.read() as session:
        ids = session.connection().execute(query).scalars().all()
        found = load(session, ids, at)
    return next((each for each in found if isinstance(each, Snapshot)), None)
