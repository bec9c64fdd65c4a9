"""Reads MT940 (SWIFT customer statement) by the library mt-940, one movement at a time.

One by one, because a movement that the library cannot read would end all of its statement, and
because two movements without a type code would be taken for one.
"""

from __future__ import annotations

import io
import logging
import re
from datetime import date
from decimal import DecimalException
from typing import Any

import mt940
from mt940.models import Balance, Transactions

from app.book.errors import FeedError
from app.book.statements.statement import (
    BankEntryIn,
    Direction,
    EntryProblem,
    Fault,
    Statement,
    account_number,
    exact,
    identifier,
    plain_text,
)
from campaigns.money import Money
from campaigns.worded import worded

# The library logs what it cannot match in full: that is a customer's data.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)

_STARTS = re.compile(r"(?m)^(?=:20:)")
_MOVES = re.compile(r"(?m)^(?=:61:)")
_CLOSES = re.compile(r"(?m)^(?=:62[FM]?:)")
_ENVELOPE = re.compile(r"(?m)^-?\}.*$|^-$")
_OPTIONS = mt940.Options.all()
# A code of an unstructured :86:, such as /EREF/E2E-1/REMI/Invoice 7/
_SLASHED = re.compile(r"/(EREF|REMI|NAME|IBAN|CREF)/")
_DIRECTIONS = {
    "C": Direction.CREDIT,
    "D": Direction.DEBIT,
    "RC": Direction.CREDIT_REVERSED,
    "RD": Direction.DEBIT_REVERSED,
}
# A returned item, and the German codes of a direct debit and of a transfer that came back.
_RETURNED_TYPE, _RETURNED_CODES = "NRTI", frozenset({"108", "109", "159"})
_WHEN_RETURNED = {
    Direction.CREDIT: Direction.DEBIT_REVERSED,
    Direction.DEBIT: Direction.CREDIT_REVERSED,
}


def is_mt940(text: str) -> bool:
    return bool(_STARTS.search(text)) and ":25" in text


def read_mt940(text: str, name: str) -> list[Statement]:
    """The statements of one file. Raises `FeedError` when it holds none."""
    lines = _ENVELOPE.sub("", text.replace("\r\n", "\n"))
    blocks = [block for block in _STARTS.split(lines) if block.startswith(":20:")]
    if not blocks:
        raise FeedError(
            worded("%(file)s holds no statement (`:20:`); ask the bank for an MT940", file=name)
        )
    return [_statement(block) for block in blocks]


def _statement(block: str) -> Statement:
    body, closes = block, ""
    if found := _CLOSES.search(block):
        # A :86: that follows is said of the whole statement, not of its last movement.
        body, closes = block[: found.start()], block[found.start() :].partition("\n:86:")[0]
    head, *moves = _MOVES.split(body)
    faults: list[Fault] = []
    data = _parsed(head, faults, "head")
    data |= _parsed(closes, faults, "closing balance")
    opening = _balance(data, "opening", faults)
    entries = []
    for number, move in enumerate(moves, start=1):
        try:
            entries.append(_movement(str(number), head, move, opening))
        except EntryProblem as problem:
            faults.append(Fault(str(number), problem.reason))
    closing = _balance(data, "closing", faults)
    return Statement(
        account=account_number(data.get("account_identification")) or "",
        name="/".join(
            str(data[key]) for key in ("statement_number", "sequence_number") if data.get(key)
        ),
        entries=tuple(entries),
        opening=opening,
        closing=closing,
        closed_on=_balance_day(data, "closing"),
        faults=tuple(faults),
    )


def _parsed(text: str, faults: list[Fault], place: str) -> dict[str, Any]:
    """What the tags of a part say of the statement as a whole."""
    try:
        return dict(_read(text).data)
    except _UNREADABLE:
        faults.append(Fault(place, "a field of it cannot be read"))
        return {}


_UNREADABLE = (RuntimeError, ValueError, KeyError, TypeError, AttributeError, DecimalException)


def _read(text: str) -> Transactions:
    """From a stream, because the library takes a bare text for the name of a file."""
    return mt940.parse(io.StringIO(text), options=_OPTIONS)


def _balance(data: dict[str, Any], which: str, faults: list[Fault]) -> Money | None:
    for slug in (f"final_{which}_balance", f"intermediate_{which}_balance", f"{which}_balance"):
        balance = data.get(slug)
        if not isinstance(balance, Balance) or not isinstance(balance.amount, mt940.models.Amount):
            continue
        amount = balance.amount
        try:
            money = exact(amount.amount, amount.currency or "")
        except EntryProblem as problem:
            faults.append(Fault(f"{which} balance", problem.reason))
            return None
        return Money(-money.minor if amount.amount < 0 else money.minor, money.currency)
    return None


def _balance_day(data: dict[str, Any], which: str) -> date | None:
    for slug in (f"final_{which}_balance", f"intermediate_{which}_balance", f"{which}_balance"):
        balance = data.get(slug)
        if isinstance(balance, Balance) and balance.date is not None:
            return _plain(balance.date)
    return None


def _movement(place: str, head: str, move: str, opening: Money | None) -> BankEntryIn:
    if opening is None:
        raise EntryProblem("its statement has no opening balance, which would name its currency")
    try:
        found = _read(head + move)
        data = found.transactions[-1].data
        amount, mark = data["amount"].amount, str(data["status"]).upper()
        booked_on = _plain(data.get("entry_date") or data["date"])
        value_on = _plain(data["date"])
    except (*_UNREADABLE, IndexError):
        raise EntryProblem("its `:61:` cannot be read") from None
    told = _details(data)
    return BankEntryIn(
        place=place,
        direction=_direction(mark, data),
        amount=exact(amount, opening.currency),
        booked_on=booked_on,
        value_on=value_on,
        bank_id=identifier(data.get("bank_reference")),
        end_to_end_id=identifier(told.get("EREF")),
        # Every reference of MT940 is text: banks put their own numbers into its fields.
        text=plain_text(
            told.get("REMI"),
            data.get("extra_details"),
            identifier(told.get("CREF")),
            identifier(data.get("customer_reference")),
        ),
        payer=plain_text(told.get("NAME")) or None,
        payer_account=account_number(told.get("IBAN")),
    )


def _direction(mark: str, data: dict[str, Any]) -> Direction:
    returned = (
        str(data.get("id") or "").upper() == _RETURNED_TYPE
        or data.get("transaction_code") in _RETURNED_CODES
    )
    direction = _DIRECTIONS[mark]
    return _WHEN_RETURNED.get(direction, direction) if returned else direction


def _details(data: dict[str, Any]) -> dict[str, str | None]:
    """What `:86:` says, in three dialects: structured by `?`, by slashes, or free text."""
    if "purpose" in data:
        return {
            "REMI": data.get("purpose"),
            "NAME": data.get("applicant_name"),
            "IBAN": data.get("gvc_applicant_iban") or data.get("applicant_iban"),
            "EREF": data.get("end_to_end_reference"),
        }
    text = str(data.get("transaction_details") or "")
    joined = "".join(text.splitlines())
    codes = _SLASHED.split(joined)
    if len(codes) > 1:
        return {key: value.strip("/ ") for key, value in zip(codes[1::2], codes[2::2], strict=True)}
    return {"REMI": text}


def _plain(day: date) -> date:
    """The library's own kind of date, as a date of ours."""
    return date(day.year, day.month, day.day)
