"""Paying by bank transfer: where to, how much, and the reference that brings it home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup
from segno import helpers
from sqlalchemy import Row
from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

from app.book.pay_accounts import PayAccount, account_for
from app.book.statements.references import bare, is_telling
from app.store.rows import Creditor
from app.web.account import Account
from app.web.catalogues import N_
from app.web.payable import Given, Payable, Share, payables
from app.web.ways.way import Filled, Moment, Place, Shown, Way
from campaigns.money import Money

_LONGEST_RF: Final = 21
_CODED: Final = "EUR"
"""EPC069-12 knows no other currency."""
_LEAST, _MOST = 1, 99_999_999_999


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer to make. `code` is the picture that a banking app reads, where there is one;
    `given` the discount that its amount has, if it is booked in time."""

    amount: Money
    account: PayAccount
    reference: str
    code: Markup | None
    given: Given | None


def transfers(
    creditor: Row[Any] | Creditor,
    customer_number: str,
    account: Account,
    payables: Sequence[Payable],
) -> tuple[Transfer, ...]:
    """One a currency that has an account: what is asked for first in it."""
    return tuple(_transfers(creditor, customer_number, account, payables))


def _transfers(
    creditor: Row[Any] | Creditor,
    customer_number: str,
    account: Account,
    payables: Sequence[Payable],
) -> Iterator[Transfer]:
    seen = set[str]()
    for payable in payables:
        into = account_for(creditor.accounts, payable.currency)
        if payable.share is Share.CHARGE or into is None or payable.currency in seen:
            continue
        seen.add(payable.currency)
        numbers = [line.number for line in account.asked if line.id in payable.invoice_ids]
        reference = reference_of(numbers[0] if len(numbers) == 1 else customer_number)
        code = _code(into, payable.amount, reference)
        yield Transfer(payable.amount, into, reference, code, payable.given)


def reference_of(number: str) -> str:
    """What a payer writes, so that the bank's statement names the number without a doubt.

    A number of a few digits could stand there by chance, so it becomes a creditor reference with
    check digits (ISO 11649).
    """
    plain = bare(number)
    if is_telling(plain) or not plain.isascii() or len(plain) > _LONGEST_RF:
        return number
    digits = mod_97_10.calc_check_digits(f"{plain}RF")
    return str(iso11649.format(f"RF{digits}{plain}"))


def _code(into: PayAccount, amount: Money, reference: str) -> Markup | None:
    if into.iban is None or amount.currency != _CODED or not _LEAST <= amount.minor <= _MOST:
        return None
    return _drawn(into.holder, into.iban, into.bic, amount, reference)


@lru_cache(maxsize=1024)
def _drawn(holder: str, iban: str, bic: str | None, amount: Money, reference: str) -> Markup:
    """The code of a transfer (EPC069-12), as a drawing that carries no style and no script."""
    code = helpers.make_epc_qr(
        name=holder,
        iban=iban,
        amount=amount.decimal,
        bic=bic,
        encoding="utf-8",
        **_remittance(reference),
    )
    return Markup(code.svg_inline(omitsize=True, border=4, light="#fff", svgclass=None))


def _remittance(reference: str) -> dict[str, str]:
    plain = "".join(reference.split())
    return {"reference": plain} if iso11649.is_valid(plain) else {"text": reference}


def _offered(moment: Moment) -> bool:
    accounts = moment.found.creditor.accounts
    owed = moment.account.owed
    return any(account_for(accounts, money.currency) is not None for money in owed)


def _show(moment: Moment, _typed: Filled) -> Shown:
    found, shown = moment.found, moment.account
    payable = payables(moment.session, found, shown)
    return Shown(transfers(found.creditor, found.customer.external_id, shown, payable))


WAY: Final = Way("transfer", None, N_("Pay by bank transfer"), _offered, _show, place=Place.PAY)
