"""The bank accounts that a creditor is paid into by transfer, one a currency: staff tell them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import Session
from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError

from app.book.mapping.cells import CellError, CellType, Writing, converter
from app.store.given import table_of
from app.store.rows import Creditor

LONGEST_HOLDER: Final = 70
"""Of a holder's name, as a transfer carries it (EPC069-12, and ISO 20022 in SEPA)."""
LONGEST: Final = 140

_CREDITOR = table_of(Creditor)
_SPACES = re.compile(r"\s+")


class AccountFault(ValueError):
    """A bank account that money could not be sent to."""


@dataclass(frozen=True, slots=True)
class PayAccount:
    """Where a transfer goes. `iban` and `bic` are bare, as banks compare them; `number` is of a
    country without them, written as its people know it."""

    holder: str
    iban: str | None = None
    bic: str | None = None
    bank: str | None = None
    number: str | None = None

    @property
    def written_iban(self) -> str | None:
        """In groups of four, as it is printed."""
        return ibans.format(self.iban) if self.iban else None


def read_account(
    *,
    holder: str,
    iban: str | None = None,
    bic: str | None = None,
    bank: str | None = None,
    number: str | None = None,
) -> PayAccount:
    """The account as it is kept. Raises `AccountFault`."""
    told = {"holder": holder, "bank": bank, "number": number}
    bare = {name: _SPACES.sub(" ", text or "").strip() for name, text in told.items()}
    if not bare["holder"] or len(bare["holder"]) > LONGEST_HOLDER:
        raise AccountFault(f"the holder's name is to have 1 to {LONGEST_HOLDER} characters")
    if any(len(text) > LONGEST for text in bare.values()):
        raise AccountFault(f"the bank and the number have at most {LONGEST} characters each")
    if bool(iban) == bool(bare["number"]):
        raise AccountFault("give an IBAN, or the number where accounts have none; one of the two")
    return PayAccount(
        holder=bare["holder"],
        iban=_proven(ibans.validate, "IBAN", iban),
        bic=_proven(bics.validate, "BIC", bic),
        bank=bare["bank"] or None,
        number=bare["number"] or None,
    )


def set_account(session: Session, creditor: str, currency: str, account: PayAccount | None) -> bool:
    """Keeps the account for a currency, or forgets it. Answers whether there is such a creditor.

    Raises `AccountFault` for a currency that does not exist.
    """
    try:
        converter(CellType.CURRENCY, Writing())(currency)
    except CellError:
        raise AccountFault(f"{currency} is no currency; write its code, such as EUR") from None
    query = (
        select(_CREDITOR.c.id, _CREDITOR.c.accounts)
        .where(_CREDITOR.c.external_id == creditor)
        .with_for_update(key_share=True)
    )
    row = session.connection().execute(query).one_or_none()
    if row is None:
        return False
    kept = {code: told for code, told in (row.accounts or {}).items() if code != currency}
    if account is not None:
        kept[currency] = {name: value for name, value in asdict(account).items() if value}
    session.connection().execute(
        update(_CREDITOR).where(_CREDITOR.c.id == row.id).values(accounts=kept)
    )
    return True


def account_for(accounts: Mapping[str, Any] | None, currency: str) -> PayAccount | None:
    """Of what a creditor's row keeps, the account for a currency."""
    told = (accounts or {}).get(currency)
    return PayAccount(**told) if told else None


def _proven(validate: Callable[[str], str], name: str, given: str | None) -> str | None:
    if not given:
        return None
    try:
        return str(validate(given))
    except ValidationError as wrong:
        raise AccountFault(f"that is no {name}: {wrong}") from None
