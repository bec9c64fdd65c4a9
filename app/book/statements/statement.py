"""The shapes of what a bank tells: a statement, its entries, and what of it cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.book.mapping.cells import CellType, words_of
from campaigns.money import Money, MoneyError

LONGEST_TEXT = 1000


class Direction(StrEnum):
    """What an entry does to the account."""

    CREDIT = "credit"  # money came in
    DEBIT = "debit"  # money went out: our own affair
    CREDIT_REVERSED = "credit_reversed"  # money that came in went back
    DEBIT_REVERSED = "debit_reversed"  # money that went out came back: our own affair too

    @property
    def sign(self) -> int:
        return 1 if self in (Direction.CREDIT, Direction.DEBIT_REVERSED) else -1


@dataclass(frozen=True, slots=True)
class BankEntryIn:
    """One movement. `place` counts from 1 in its statement; parts of a batch have `3.2`.

    `references` are structured (a field of their own in the format); `text` is what the payer
    wrote. `bank_id` is the bank's own, where it gives one that names a single movement.
    Raises `EntryProblem` for an amount that is not positive.
    """

    place: str
    direction: Direction
    amount: Money
    booked_on: date
    value_on: date | None = None
    bank_id: str | None = None
    end_to_end_id: str | None = None
    references: tuple[str, ...] = ()
    text: str = ""
    payer: str | None = None
    payer_account: str | None = None

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise EntryProblem("its amount is nothing")


@dataclass(frozen=True, slots=True)
class Fault:
    """An entry that cannot be taken. `reason` never repeats what it holds."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a bank says of one account. Balances are None where the format has none.

    `pending` counts movements that the bank has not booked yet: they come again.
    """

    account: str
    name: str
    entries: tuple[BankEntryIn, ...]
    opening: Money | None = None
    closing: Money | None = None
    closed_on: date | None = None
    pending: int = 0
    faults: tuple[Fault, ...] = ()

    def mismatch(self) -> int | None:
        """How far the closing balance is from the opening and the entries, in minor units.

        None when the statement has no two balances of one currency to hold them against.
        """
        if self.opening is None or self.closing is None:
            return None
        if self.opening.currency != self.closing.currency:
            return None
        currency = self.opening.currency
        moved = sum(
            entry.direction.sign * entry.amount.minor
            for entry in self.entries
            if entry.amount.currency == currency
        )
        return self.closing.minor - self.opening.minor - moved


class EntryProblem(ValueError):
    """Why one entry cannot be taken: a clause."""

    @property
    def reason(self) -> str:
        return str(self)


def exact(amount: Decimal, currency: str) -> Money:
    """The amount without its sign. Raises `EntryProblem` for what its currency does not hold."""
    if currency.lower() not in words_of(CellType.CURRENCY):
        raise EntryProblem("its currency is not known")
    try:
        return Money.of(abs(amount), currency)
    except MoneyError:
        raise EntryProblem(f"its amount has more decimals than {currency} holds") from None


_NOT_AN_ID = frozenset({"", "NONREF", "NOREF", "NOTPROVIDED", "NOT PROVIDED", "NONE", "N/A"})


def identifier(text: str | None) -> str | None:
    """An id as banks write it, or None where the text only says that there is none."""
    told = " ".join((text or "").split())
    bare = told.upper().strip("0-/. ")
    return None if not bare or told.upper() in _NOT_AN_ID else told


def account_number(text: str | None) -> str | None:
    """An account's number without its spaces, as one payer's is compared with another's."""
    told = "".join((text or "").split()).upper()
    return told or None


def plain_text(*parts: str | None) -> str:
    """One line of text from several, within what a row keeps."""
    return " ".join(" ".join(part.split()) for part in parts if part)[:LONGEST_TEXT].strip()
