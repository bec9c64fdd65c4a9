"""The book that the bench of the intake begins with: people who were written to, and people whose
cases are due.

Whoever was written to has a message that a provider took, so that receipts and replies name
somebody; some have a payment page open. Their next step, and the others' first, is what a walk
finds to do meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import select, update

from app.clock import SystemClock
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses
from app.lab.drill_field import BASE_URL, OWED, SECRET, Ground, Route, call_up, lay_out
from app.loops.assembly import assemble, publish_shipped
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Attempt, Checkout, Sender
from campaigns.keys import derive
from campaigns.vocabulary import Medium
from channels.seam import (
    Accepted,
    Capabilities,
    Channel,
    Envelope,
    Found,
    NotFound,
    Outcome,
)
from channels.seam import Medium as ChannelMedium

TEXTS: Final = Route(Medium.SMS, "twilio")
MAILS: Final = Route(Medium.EMAIL, "sendgrid")
CALLED_UP: Final = 5000  # people in one transaction
_PATIENT: Final = Pace(
    lease=timedelta(hours=1), fresh_for=timedelta(hours=1), call_within=timedelta(hours=1)
)
"""Of a delivery that is not measured: a busy machine must not void its gates."""
_ATTEMPT = table_of(Attempt)


@dataclass(frozen=True, slots=True)
class Size:
    """How many people were sent a text or a mail, how many of the former have a payment page open,
    and how many others are due."""

    texts: int
    mails: int
    pages: int
    due: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What a provider took of us."""

    attempt_key: str
    provider_id: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Page:
    """A payment page that is open."""

    session_id: str
    key: str


def fill(database: Database, size: Size) -> None:
    """Puts all of it in. Nobody is called: a provider within this process takes everything."""
    clock = SystemClock()
    now = clock.now()
    publish_shipped(database, now, kinds=("journey", "template"))
    with database.write() as session:
        texts, mails = lay_out(session, [TEXTS, MAILS], now)
        session.connection().execute(update(table_of(Sender)).values(per_second=1e6))
    people = _call_up(database, texts, range(size.texts), now)
    _call_up(database, mails, range(size.texts, size.texts + size.mails), now)
    _write_to_all(database, clock)
    _ensure_all_sent(database, size)
    _open_pages(database, people[: size.pages], now)
    begin = size.texts + size.mails
    _call_up(database, texts, range(begin, begin + size.due), now)
    assemble(database, {}, Addresses(BASE_URL, SECRET), clock.now).enrolment.tick(now)


def sent(database: Database, medium: Medium) -> list[Sent]:
    """All that was taken of one medium, in the order of the people."""
    query = (
        select(_ATTEMPT.c.key, _ATTEMPT.c.provider_id, _ATTEMPT.c.recipient)
        .where(_ATTEMPT.c.medium == str(medium), _ATTEMPT.c.state == "accepted")
        .order_by(_ATTEMPT.c.id)
    )
    with database.read() as session:
        return [Sent(*row) for row in session.connection().execute(query)]


def pages(database: Database) -> list[Page]:
    table = table_of(Checkout)
    query = select(table.c.session_id, table.c.key).order_by(table.c.id)
    with database.read() as session:
        return [Page(*row) for row in session.connection().execute(query)]


def _call_up(database: Database, ground: Ground, numbers: range, now: datetime) -> list[int]:
    """The ids of the new customers."""
    called: list[int] = []
    for first in range(numbers.start, numbers.stop, CALLED_UP):
        part = range(first, min(first + CALLED_UP, numbers.stop))
        with database.write() as session:
            people = call_up(session, ground, part, today=now.date(), now=now)
        called += [someone.customer_id for someone in people]
    return called


def _write_to_all(database: Database, clock: SystemClock) -> None:
    """The first step of everybody so far: walked first, delivered then, so that it is one each."""
    prompt: list[Channel] = [_Texts(), _Mails()]
    channels = {(str(each.medium), each.provider): each for each in prompt}
    addresses = Addresses(BASE_URL, SECRET)
    loops = assemble(database, channels, addresses, clock.now, pace=_PATIENT)
    loops.enrolment.tick(clock.now())
    while loops.walk.tick(clock.now()).looked:
        continue
    while loops.delivery.tick(clock.now()).claimed:
        continue


def _ensure_all_sent(database: Database, size: Size) -> None:
    found = len(sent(database, TEXTS.medium)), len(sent(database, MAILS.medium))
    if found != (size.texts, size.mails):
        raise RuntimeError(f"{found} texts and mails were sent, and not all that the bench is of")


def _open_pages(database: Database, customer_ids: Sequence[int], now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "key": derive("bench page", customer_id),
            "customer_id": customer_id,
            "currency": OWED.currency,
            "amount_minor": OWED.minor,
            "ledger_revision": 0,
            "gateway": "stripe",
            "session_id": "cs_test_" + derive("bench session", customer_id),
            "created_at": now,
            "expires_at": now + timedelta(hours=12),
        }
        for customer_id in customer_ids
    ]
    with database.write() as session:
        insert_rows(session, Checkout, rows)


class _Prompt:
    """A provider that takes all, at once and for good."""

    medium: ClassVar[ChannelMedium]
    provider: ClassVar[str]
    capabilities: ClassVar[Capabilities] = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=False,
        lookup=False,
        html=True,
        subject=True,
        max_length=None,
        real=False,
    )

    @property
    def stands_for(self) -> str:
        return self.provider

    async def send(self, envelope: Envelope) -> Outcome:
        return Accepted("SM" + derive("bench", envelope.attempt_key), envelope.sent_at)

    async def find(self, envelope: Envelope) -> Found | NotFound:  # noqa: ARG002
        return NotFound()

    async def close(self) -> None:
        return None


class _Texts(_Prompt):
    medium = ChannelMedium.SMS
    provider = TEXTS.provider


class _Mails(_Prompt):
    medium = ChannelMedium.EMAIL
    provider = MAILS.provider
