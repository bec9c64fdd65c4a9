"""Senders as staff set them: a creditor's numbers and mailboxes, and what each may send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.book.sender_prices import EVER, keep_price
from app.store.bulk import insert_returning_ids, insert_rows, update_rows
from app.store.columns import word
from app.store.given import rows_by_id, table_of
from app.store.rows import Creditor, Message, Sender, SenderPrice
from campaigns.prices import Price
from campaigns.vocabulary import Medium
from campaigns.worded import worded

_SENDER, _CREDITOR, _MESSAGE = table_of(Sender), table_of(Creditor), table_of(Message)
_TOO_MANY: Final = 2**31
_TRIED_AGAIN = dict.fromkeys(("paused_until", "pause_reason", "probe_until", "full_until"))


class SenderRefused(ValueError):
    """A fact of a sender that cannot be so. The words name it and the remedy; `fact` is its name
    where it is one alone, and `remedy` the words without it."""

    def __init__(self, words: str, *, fact: str | None = None, remedy: str = "") -> None:
        super().__init__(words)
        self.fact, self.remedy = fact, remedy


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(worded("say yes or no"))
    return text == "yes"


def _count(text: str) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and 0 < int(text) < _TOO_MANY):
        raise ValueError(worded("give a number of at least 1, or nothing"))
    return int(text) if text else None


def _rate(text: str) -> float:
    rate = _number(text)
    if rate is None or not 0 < rate <= 10_000:
        raise ValueError(worded("give messages a second, such as 0.5 or 80"))
    return rate


def _share(text: str) -> float | None:
    share = _number(text)
    if text and (share is None or not 0 < share <= 1):
        raise ValueError(worded("give a share such as 0.003, or nothing"))
    return share


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(worded("give a day as 2026-12-31, or nothing")) from None


def _list(text: str) -> list[str] | None:
    return [each.strip() for each in text.split(",")] if text else None


def _mailbox(text: str) -> str | None:
    if text and (text.count("@") != 1 or text.startswith("@") or text.endswith("@")):
        raise ValueError(worded("give a mailbox such as answers@acme.example, or nothing"))
    return text or None


def _quality(text: str) -> str | None:
    if text not in ("", "green", "yellow", "red"):
        raise ValueError(worded("say green, yellow or red, or nothing"))
    return text or None


def _price(text: str) -> str | None:
    """An amount, finer than a currency's own units, and its currency: as it is kept."""
    if not text.strip():
        return None
    try:
        return str(Price.of(text))
    except ValueError:
        raise ValueError(
            worded("give an amount and its currency, such as 0.042 EUR, or nothing")
        ) from None


def _cleared(text: str) -> dict[str, str]:
    told = [each.partition(":") for each in text.split(";") if each.strip()]
    if not all(pack.strip() and what.strip() for pack, _, what in told):
        raise ValueError(
            worded("write `pack: what is on record`, such as `ae: TDRA 4711; twilio: BN12`")
        )
    return {pack.strip().lower(): what.strip() for pack, _, what in told}


FACTS: Final[Mapping[str, Callable[[str], Any]]] = {
    "address": str,
    "display_name": str,
    "provider": str,
    "active": _yes,
    "two_way": _yes,
    "answers_keywords": _yes,
    "languages": _list,
    "replies_to": _mailbox,
    "dkim_selectors": _list,
    "cleared": _cleared,
    "per_second": _rate,
    "per_day": _count,
    "complaint_share": _share,
    "stopped_templates": lambda text: _list(text) or [],
    "quality": _quality,
    "price": _price,
    "ramp_first": _count,
    "ramp_started_on": _day,
}
"""What can be set, and how it is read from a text."""


def read_facts(told: Mapping[str, str]) -> dict[str, Any]:
    """The facts as values. Raises `SenderRefused` for the first that makes no sense."""
    values = {}
    for name, text in told.items():
        read = FACTS.get(name)
        if read is None:
            raise SenderRefused(
                worded(
                    "%(name)s is no fact of a sender; known are %(known)s.",
                    name=name,
                    known=", ".join(FACTS),
                )
            )
        try:
            values[name] = read(text)
        except ValueError as problem:
            raise SenderRefused(
                worded(
                    "%(name)s cannot be '%(text)s': %(problem)s.",
                    name=name,
                    text=text,
                    problem=problem,
                ),
                fact=name,
                remedy=str(problem.args[0]),
            ) from None
    return values


def as_texts(row: Row[Any]) -> dict[str, str]:
    """The facts of a sender as `read_facts` reads them."""
    return {name: _text(getattr(row, name)) for name in FACTS}


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case Mapping():
            return "; ".join(f"{name}: {told}" for name, told in value.items())
        case list():
            return ", ".join(value)
        case _:
            return str(value)


def add_sender(session: Session, creditor_id: int, medium: Medium, facts: Mapping[str, Any]) -> int:
    """A new sender, which speaks once it is the first active one of its medium. Answers its id."""
    missing = [name for name in ("provider", "address", "display_name") if not facts.get(name)]
    if missing:
        raise SenderRefused(worded("A sender needs %(missing)s.", missing=", ".join(missing)))
    row = {"creditor_id": creditor_id, "medium": medium.value, **facts}
    sender_id = insert_returning_ids(session, Sender, [row])[0]
    if facts.get("price") is not None:
        first = {"sender_id": sender_id, "price": facts["price"], "since_on": EVER}
        insert_rows(session, SenderPrice, [first])
    return sender_id


def change_sender(
    session: Session, sender_id: int, facts: Mapping[str, Any], now: datetime
) -> bool:
    """Answers whether there is such a sender. Whatever was changed may have been what it waited
    for: a pause ends, and what found its day full is asked about again. An open breaker stays
    half open, so that one message tries first."""
    if sender_id not in rows_by_id(session, Sender, [sender_id]):
        return False
    update_rows(session, Sender, [{"id": sender_id, **_TRIED_AGAIN, **facts}])
    if "price" in facts:
        keep_price(session, sender_id, facts["price"], now)
    session.connection().execute(
        update(_MESSAGE)
        .where(
            _MESSAGE.c.sender_id == sender_id,
            _MESSAGE.c.state == word("waiting"),
            _MESSAGE.c.reason == "sender_full",
        )
        .values(due_at=now)
    )
    return True


def senders(session: Session) -> Sequence[Row[Any]]:
    """All of them, by creditor and medium, in the order in which they speak."""
    query = (
        select(_SENDER, _CREDITOR.c.external_id.label("creditor"))
        .join(_CREDITOR, _CREDITOR.c.id == _SENDER.c.creditor_id)
        .order_by(_CREDITOR.c.external_id, _SENDER.c.medium, _SENDER.c.id)
    )
    return session.connection().execute(query).all()
