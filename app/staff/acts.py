"""The audit trail of the house: one line for each act, each bound to the one before it.

A line is written in the transaction of its act, last of all: both are there, or neither. Writers
lock the one head, so lines have no gaps and no forks, whoever writes from wherever.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, insert, select, update
from sqlmodel import Session

from app.staff.visitor import Visitor
from app.store.bulk import insert_new
from app.store.given import table_of
from app.store.rows import ActHead, ActLine

PAGE: Final = 1000
_HOUSE: Final = 1
_CODE: Final = re.compile(r"[^\s@]{0,100}")
_HEAD, _LINE = table_of(ActHead), table_of(ActLine)


class TellsTooMuch(ValueError):
    """A detail that is no id and no code: it could be about a person."""


def note_act(
    session: Session,
    who: Visitor | str,
    act: str,
    *,
    about: tuple[str, int] | None = None,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> int:
    """Adds the line of an act and answers its number. `who` is a name where nobody is signed in,
    such as of a command.

    Call it last: until the transaction ends, nobody else can add a line. Raises `TellsTooMuch` for
    a detail with white space, an @ or more than 100 letters.
    """
    head = _locked_head(session)
    row: dict[str, Any] = {
        "number": head.number + 1,
        "at": now,
        "user_id": who.user_id if isinstance(who, Visitor) else None,
        "by": who.by if isinstance(who, Visitor) else who,
        "act": act,
        "about_kind": about[0] if about else None,
        "about_id": about[1] if about else None,
        "detail": _codes(detail or {}),
    }
    digest = _digest_after(head.digest, row)
    connection = session.connection()
    connection.execute(insert(_LINE), {**row, "digest": digest})
    moved = update(_HEAD).where(_HEAD.c.id == head.id)
    connection.execute(moved.values(number=row["number"], digest=digest))
    return int(row["number"])


class ActFault(StrEnum):
    """What is wrong with a line, as it is told."""

    MISSING = "missing"
    CHANGED = "changed, or not what followed the line before it"
    HEAD = "not where the acts end"


@dataclass(frozen=True, slots=True)
class BrokenAct:
    """The lines from `number` up to `last`."""

    number: int
    last: int
    fault: ActFault

    def __str__(self) -> str:
        lines = str(self.number) if self.number == self.last else f"{self.number}-{self.last}"
        return f"{lines}: {self.fault}"


@dataclass(frozen=True, slots=True)
class VerifiedActs:
    """`digest` is that of the last line: copied to elsewhere, it proves all before it."""

    lines: int
    digest: str
    broken: tuple[BrokenAct, ...]


def verify_acts(session: Session) -> VerifiedActs:
    """Whether every line stands as it was written; names each that was changed or removed."""
    broken: list[BrokenAct] = []
    lines = last = 0
    digest = ""
    for row in _all(session):
        if row.number > last + 1:
            broken.append(BrokenAct(last + 1, row.number - 1, ActFault.MISSING))
        elif row.digest != _digest_after(digest, row._asdict()):
            broken.append(BrokenAct(row.number, row.number, ActFault.CHANGED))
        lines, last, digest = lines + 1, row.number, row.digest
    head = session.connection().execute(select(_HEAD).where(_HEAD.c.house == _HOUSE)).first()
    ends = (head.number, head.digest) if head else (0, "")
    if ends[0] > last:
        broken.append(BrokenAct(last + 1, ends[0], ActFault.MISSING))
    elif ends != (last, digest):
        broken.append(BrokenAct(last, last, ActFault.HEAD))
    return VerifiedActs(lines, digest, tuple(broken))


def _locked_head(session: Session) -> Row[Any]:
    asked = select(_HEAD).where(_HEAD.c.house == _HOUSE).with_for_update(key_share=True)
    found = session.connection().execute(asked).first()
    if found is not None:
        return found
    insert_new(session, ActHead, [{"house": _HOUSE}], unique="house")
    return session.connection().execute(asked).one()


def _digest_after(before: str, row: Mapping[str, Any]) -> str:
    told = [
        row["number"], row["at"].astimezone(UTC).isoformat(), row["user_id"], row["by"],
        row["act"], row["about_kind"], row["about_id"], row["detail"],
    ]  # fmt: skip
    text = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def _codes(detail: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in detail.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            is_plain = each is None or isinstance(each, bool | int)
            is_code = isinstance(each, str) and _CODE.fullmatch(each)
            if not is_plain and not is_code:
                raise TellsTooMuch(f"{name} of an act is no id and no code; leave it out.")
    return {
        str(name): [*map(_plain, value)] if isinstance(value, list | tuple) else _plain(value)
        for name, value in detail.items()
    }


def _plain(value: Any) -> Any:
    """A word of an enumeration as the plain word that it is."""
    return str(value) if isinstance(value, str) else value


def _all(session: Session) -> Iterator[Row[Any]]:
    """Every line in order, by pages."""
    last = 0
    query = select(_LINE).order_by(_LINE.c.number).limit(PAGE)
    while rows := session.connection().execute(query.where(_LINE.c.number > last)).all():
        yield from rows
        last = rows[-1].number
