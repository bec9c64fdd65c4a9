"""F2: the leanest loop that delivers the same messages, written for the comparison.

It has the same rows, the same templates in the same sandbox and the same three commits a batch as
the engine. It asks nothing: no stop, no law, no cap, no health of a sender, no lease of others. All
that the engine costs beyond this is what those questions cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, Select, Table, Update, bindparam, select, update
from sqlmodel import Session

from app.delivery.claim import LINK_LIFE
from app.delivery.dispatch import Addresses
from app.lab.bench.by_hand_words import Letter, context_of, words_of
from app.lab.bench.crowd import NOW
from app.store.bulk import insert_returning_ids, insert_rows, update_rows
from app.store.columns import word
from app.store.engines import Database
from app.store.given import GIVEN, chunks, table_of
from app.store.publishing import contents, current
from app.store.rows import (
    Address,
    Attempt,
    Case,
    ContactPoint,
    Creditor,
    Customer,
    Event,
    Invoice,
    Link,
    Message,
    Person,
    Sender,
)
from app.wording.links import expand, placeholder, token
from app.wording.mail import mail_parts
from campaigns.keys import attempt_key
from channels.mail import message_id

PURPOSES: Final = ("pay", "unsubscribe")

_MESSAGE, _CUSTOMER, _CREDITOR = table_of(Message), table_of(Customer), table_of(Creditor)
_ADDRESS, _INVOICE, _SENDER = table_of(Address), table_of(Invoice), table_of(Sender)
_PERSON, _POINT, _CASE = table_of(Person), table_of(ContactPoint), table_of(Case)


class ByHand:
    """One loop over one database."""

    def __init__(self, database: Database, addresses: Addresses, *, batch: int) -> None:
        self._database = database
        self._addresses = addresses
        self._batch = batch
        with database.read() as session:
            self._hashes = current(session, "template")
            self._contents = contents(session, self._hashes.values())
        self._filler = "x" * (len(addresses.base_url) + 25)

    def run(self) -> int:
        """Delivers all that waits, and answers how many that was."""
        delivered = 0
        while done := self._deliver():
            delivered += done
        return delivered

    def _deliver(self) -> int:
        with self._database.write() as session:
            rows, links = self._claim(session)
        if not rows:
            return 0
        letters = [self._letter(row, links[row.id]) for row in rows]
        with self._database.write() as session:
            attempts = self._freeze(session, rows, links, letters)
        answered = [
            self._hand_over(key, letter, links[row.id])
            for (_, key), letter, row in zip(attempts, letters, rows, strict=True)
        ]
        with self._database.write() as session:
            _settle(session, rows, attempts, answered)
        return len(rows)

    def _claim(self, session: Session) -> tuple[Sequence[Row[Any]], Mapping[int, Sequence[int]]]:
        rows = session.connection().execute(_DUE, {"now": NOW, "most": self._batch}).all()
        if not rows:
            return rows, {}
        ids = [row.id for row in rows]
        _each(session, _LEASE, ids, until=NOW + timedelta(seconds=60))
        _each(session, _TIME, [rows[0].sender_id], free_at=NOW)
        made = insert_returning_ids(
            session, Link, [_link(row, purpose) for row in rows for purpose in PURPOSES]
        )
        hashes = [{"id": id_, "token_hash": self._token_hash(id_)} for id_ in made]
        update_rows(session, Link, hashes)
        each = len(PURPOSES)
        return rows, {id_: made[at * each : at * each + each] for at, id_ in enumerate(ids)}

    def _token_hash(self, link_id: int) -> str:
        return sha256(token(self._addresses.secret, link_id).encode()).hexdigest()

    def _letter(self, row: Row[Any], links: Sequence[int]) -> Letter:
        content = self._contents[self._hashes[row.template]]
        return words_of(content, row.locale, row.medium).letter(
            context_of(row, links), self._filler
        )

    def _freeze(
        self,
        session: Session,
        rows: Sequence[Row[Any]],
        links: Mapping[int, Sequence[int]],
        letters: Sequence[Letter],
    ) -> Sequence[tuple[int, str]]:
        keys = [attempt_key(row.key, row.attempts + 1) for row in rows]
        attempts = [
            _attempt(row, key, letter, links[row.id], self._hashes[row.template])
            for row, key, letter in zip(rows, keys, letters, strict=True)
        ]
        ids = insert_returning_ids(session, Attempt, attempts)
        _each(session, _SENDING, [row.id for row in rows], now=NOW)
        _each(session, _RAISED, [row.person_id for row in rows])
        return list(zip(ids, keys, strict=True))

    def _hand_over(self, key: str, letter: Letter, links: Sequence[int]) -> str:
        """The provider takes the text with its links made real, and answers with its own id."""
        urls = {
            id_: self._addresses.url("pay", token(self._addresses.secret, id_)) for id_ in links
        }
        expand(letter.text, urls)
        if letter.html:
            expand(letter.html, urls)
        return f"taken-{key}"


def _link(row: Row[Any], purpose: str) -> dict[str, Any]:
    return {
        "customer_id": row.customer_id,
        "message_id": row.id,
        "purpose": purpose,
        "created_at": NOW,
        "expires_at": NOW + LINK_LIFE,
    }


def _attempt(
    row: Row[Any], key: str, letter: Letter, links: Sequence[int], template_hash: str
) -> dict[str, Any]:
    return {
        "key": key,
        "message_id": row.id,
        "person_id": row.person_id,
        "creditor_id": row.creditor_id,
        "number": row.attempts + 1,
        "state": "sending",
        "medium": row.medium,
        "category": row.category,
        "slot": row.slot,
        "sender_id": row.sender_id,
        "address_id": row.address_id,
        "recipient": row.recipient,
        "locale": row.locale,
        "template_hash": template_hash,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "head": _head(row, key, letter, links),
        "segments": letter.segments,
        "invoice_ids": [row.invoice_id],
        "evidence": _evidence(row, letter, template_hash),
        "gated_at": NOW,
        "valid_until": row.valid_until,
    }


def _evidence(row: Row[Any], letter: Letter, template_hash: str) -> dict[str, Any]:
    """As much as the engine's. What that asks for is a constant here, of the same length."""
    return {
        **_ANSWERS,
        "journey": row.journey_hash,
        "template": template_hash,
        "locale_asked": row.locale,
        "locales_tried": [letter.locale],
        "totals": [[row.open_minor, row.currency]],
        "material": row.key,
        "choice_probability": row.choice_probability,
    }


_ANSWERS: Final = {
    "now": NOW.isoformat(),
    "guard": 1,
    "rules": [
        "IL-HOURS", "IL-REST", "HOUSE-CAP-1D", "HOUSE-CAP-7D", "HOUSE-CAP-30D", "HOUSE-GAP",
        "HOUSE-BOOK", "HOUSE-SECOND-MEDIUM",
    ],
    "rules_hash": sha256(b"no rules").hexdigest(),
    "permitted_until": NOW.isoformat(),
}  # fmt: skip


def _head(row: Row[Any], key: str, letter: Letter, links: Sequence[int]) -> dict[str, Any]:
    if letter.html is None:
        return {}
    stop = placeholder(links[PURPOSES.index("unsubscribe")])
    own = {"Date": format_datetime(NOW), "Message-ID": message_id(key, row.sender)}
    headers = mail_parts(letter.subject or "", letter.text, letter.html, stop).headers
    return {"sender": row.sender, "sender_name": row.sender_name, "headers": {**own, **headers}}


def _settle(
    session: Session,
    rows: Sequence[Row[Any]],
    attempts: Sequence[tuple[int, str]],
    answered: Sequence[str],
) -> None:
    _each(session, _ACCEPTED, [row.id for row in rows], now=NOW)
    finished = [
        {"id": id_, "state": "accepted", "provider_id": provider_id, "finished_at": NOW}
        for (id_, _), provider_id in zip(attempts, answered, strict=True)
    ]
    update_rows(session, Attempt, finished)
    events = [_event(row, id_) for row, (id_, _) in zip(rows, attempts, strict=True)]
    insert_rows(session, Event, events)
    _each(session, _ASKED, [row.contact_point_id for row in rows])
    _each(session, _WOKEN, [row.case_id for row in rows], now=NOW)
    _each(session, _SENT, [rows[0].sender_id], count=len(rows))


def _event(row: Row[Any], attempt_id: int) -> dict[str, Any]:
    return {
        "kind": "message_accepted",
        "at": NOW,
        "customer_id": row.customer_id,
        "case_id": row.case_id,
        "message_id": row.id,
        "payload": {"attempt": attempt_id, "medium": row.medium},
    }


def _each(session: Session, statement: Update, ids: Sequence[int], **values: object) -> None:
    for part in chunks(ids):
        session.connection().execute(statement, {"given": part, **values})


_COLUMNS: Final = (
    "id", "key", "case_id", "creditor_id", "customer_id", "person_id", "template", "category",
    "slot", "medium", "contact_point_id", "address_id", "sender_id", "valid_until", "attempts",
    "choice_probability",
)  # fmt: skip
_DUE: Final[Select[Any]] = (
    select(
        *(_MESSAGE.c[name] for name in _COLUMNS),
        *(_CUSTOMER.c[name] for name in ("name", "locale")),
        *(_INVOICE.c[name] for name in ("number", "due_on", "open_minor", "currency")),
        _INVOICE.c.id.label("invoice_id"),
        _ADDRESS.c.value.label("recipient"),
        _SENDER.c.address.label("sender"),
        _SENDER.c.display_name.label("sender_name"),
        _SENDER.c.two_way,
        _CASE.c.journey_hash,
        _CREDITOR.c.name.label("creditor"),
        _CREDITOR.c.brand["person"].as_string().label("person"),
        _CREDITOR.c.brand["phone"].as_string().label("phone"),
    )
    .join_from(_MESSAGE, _CUSTOMER, _CUSTOMER.c.id == _MESSAGE.c.customer_id)
    .join(_INVOICE, _INVOICE.c.customer_id == _CUSTOMER.c.id)
    .join(_ADDRESS, _ADDRESS.c.id == _MESSAGE.c.address_id)
    .join(_SENDER, _SENDER.c.id == _MESSAGE.c.sender_id)
    .join(_CREDITOR, _CREDITOR.c.id == _MESSAGE.c.creditor_id)
    .join(_CASE, _CASE.c.id == _MESSAGE.c.case_id)
    .where(_MESSAGE.c.state == word("waiting"), _MESSAGE.c.due_at <= bindparam("now"))
    .order_by(_MESSAGE.c.due_at, _MESSAGE.c.id)
    .limit(bindparam("most"))
)


def _changing(table: Table, **values: Any) -> Update:
    return update(table).where(table.c.id.in_(GIVEN)).values(values)


_LEASE: Final = _changing(_MESSAGE, lease_until=bindparam("until"), fence=_MESSAGE.c.fence + 1)
_TIME: Final = _changing(_SENDER, free_at=bindparam("free_at"))
_SENDING: Final = _changing(
    _MESSAGE, state="sending", attempts=_MESSAGE.c.attempts + 1, updated_at=bindparam("now")
)
_RAISED: Final = _changing(_PERSON, revision=_PERSON.c.revision + 1)
_ACCEPTED: Final = _changing(
    _MESSAGE,
    state="accepted", delivery="accepted", lease_until=None,
    accepted_at=bindparam("now"), updated_at=bindparam("now"),
)  # fmt: skip
_ASKED: Final = _changing(_POINT, asked=_POINT.c.asked + 1)
_WOKEN: Final = _changing(_CASE, look_at=bindparam("now"), revision=_CASE.c.revision + 1)
_SENT: Final = _changing(_SENDER, sent=_SENDER.c.sent + bindparam("count"))
