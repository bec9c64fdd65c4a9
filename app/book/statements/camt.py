"""Reads camt.053 (ISO 20022 bank-to-customer statement), any version from 001.02 on.

Element names are those of the standard; versions differ in a few, so paths are tried in turn and
the namespace is passed over once it has named the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import cache

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
from app.book.xml_source import Element, namespace_of
from campaigns.money import Money
from campaigns.worded import worded

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(\d\d)")
# Sub-families of what came back, collections and transfers (ISO 20022 external code sets).
_RETURNED = frozenset({"UPDD", "PRDD", "RCDD", "ARET", "RRTN"})
_AMOUNT = re.compile(r"\d{1,15}(?:\.\d{1,5})?", re.ASCII)


def is_camt(root: Element) -> bool:
    return _NAMESPACE.fullmatch(namespace_of(root)) is not None


def read_camt(root: Element, name: str) -> list[Statement]:
    """The statements of one document. Raises `FeedError` when it holds none."""
    found = [_statement(element) for element in _each(root, "BkToCstmrStmt/Stmt")]
    if not found:
        raise FeedError(
            worded("%(file)s holds no statement (`Stmt`); ask the bank for a camt.053", file=name)
        )
    return found


def _statement(element: Element) -> Statement:
    account = _text(element, "Acct/Id/IBAN") or _text(element, "Acct/Id/Othr/Id")
    entries: list[BankEntryIn] = []
    faults: list[Fault] = []
    pending = 0
    for number, entry in enumerate(_each(element, "Ntry"), start=1):
        if _status(entry) != "BOOK":
            pending += 1
            continue
        try:
            entries += _entry(entry, str(number))
        except EntryProblem as problem:
            faults.append(Fault(str(number), problem.reason))
    opening = _balance(element, ("OPBD", "PRCD"))
    closing = _balance(element, ("CLBD",))
    for balance in (opening, closing):
        if isinstance(balance, Fault):
            faults.append(balance)
    return Statement(
        account=account_number(account) or "",
        name=_text(element, "Id") or "",
        entries=tuple(entries),
        opening=opening if isinstance(opening, Money) else None,
        closing=closing if isinstance(closing, Money) else None,
        closed_on=_closed_on(element),
        pending=pending,
        faults=tuple(faults),
    )


def _status(entry: Element) -> str:
    """`Sts` holds the code itself until version 06, and a choice of codes after."""
    return _text(entry, "Sts/Cd") or _text(entry, "Sts") or "BOOK"


def _balance(element: Element, codes: tuple[str, ...]) -> Money | Fault | None:
    """The first balance of one of these types."""
    for code in codes:
        for balance in _each(element, "Bal"):
            if _text(balance, "Tp/CdOrPrtry/Cd") != code:
                continue
            try:
                amount = _amount(balance)
            except EntryProblem as problem:
                return Fault(f"balance {code}", problem.reason)
            debit = _text(balance, "CdtDbtInd") == "DBIT"
            return Money(-amount.minor if debit else amount.minor, amount.currency)
    return None


def _closed_on(element: Element) -> date | None:
    for balance in _each(element, "Bal"):
        if _text(balance, "Tp/CdOrPrtry/Cd") == "CLBD":
            with suppress(EntryProblem):
                return _day(balance, "Dt")
    return None


def _entry(entry: Element, place: str) -> list[BankEntryIn]:
    """The movement, or the parts of a batch when they are told and come to the same sum."""
    amount = _amount(entry)
    details = list(_each(entry, "NtryDtls/TxDtls"))
    if len(details) == 1:
        return [_movement(entry, details[0], place, amount)]
    whole = _movement(entry, None, place, amount)
    parts = _parts(entry, details, place, whole)
    return parts or [whole]


def _parts(
    entry: Element, details: list[Element], place: str, whole: BankEntryIn
) -> list[BankEntryIn]:
    found = []
    for number, detail in enumerate(details, start=1):
        amount = _part_amount(detail)
        if amount is None or amount.currency != whole.amount.currency:
            return []
        found.append(_movement(entry, detail, f"{place}.{number}", amount))
    same_way = {part.direction for part in found} == {whole.direction}
    told = sum(part.amount.minor for part in found)
    return found if same_way and told == whole.amount.minor else []


def _part_amount(detail: Element) -> Money | None:
    """`Amt` stands on the part itself since version 03, before that among its details."""
    for path in (".", "AmtDtls/TxAmt"):
        for holder in _each(detail, path):
            if _first(holder, "Amt") is not None:
                return _amount(holder)
    return None


def _movement(entry: Element, detail: Element | None, place: str, amount: Money) -> BankEntryIn:
    told = entry if detail is None else detail
    direction = _direction(entry, detail)
    payer = "Dbtr" if direction in (Direction.CREDIT, Direction.CREDIT_REVERSED) else "Cdtr"
    own_id = None if detail is None else _text(detail, "Refs/AcctSvcrRef")
    return BankEntryIn(
        place=place,
        direction=direction,
        amount=amount,
        booked_on=_booked_on(entry),
        value_on=_day(entry, "ValDt"),
        bank_id=_bank_id(own_id, _text(entry, "AcctSvcrRef"), place),
        end_to_end_id=identifier(_text(told, "Refs/EndToEndId")),
        references=tuple(
            reference
            for element in _each(told, "RmtInf/Strd/CdtrRefInf/Ref")
            if (reference := identifier(element.text))
        )
        + tuple(
            reference
            for element in _each(told, "RmtInf/Strd/RfrdDocInf/Nb")
            if (reference := identifier(element.text))
        ),
        text=plain_text(
            *(element.text for element in _each(told, "RmtInf/Ustrd")),
            *(element.text for element in _each(told, "RmtInf/Strd/AddtlRmtInf")),
            _text(told, "AddtlTxInf"),
            _text(entry, "AddtlNtryInf"),
        ),
        payer=_text(told, f"RltdPties/{payer}/Pty/Nm") or _text(told, f"RltdPties/{payer}/Nm"),
        payer_account=account_number(
            _text(told, f"RltdPties/{payer}Acct/Id/IBAN")
            or _text(told, f"RltdPties/{payer}Acct/Id/Othr/Id")
        ),
    )


def _bank_id(own: str | None, entry: str | None, place: str) -> str | None:
    """The part's own id; else the entry's, with the part's number when it has parts."""
    if identifier(own):
        return identifier(own)
    shared = identifier(entry)
    _, _, part = place.partition(".")
    return f"{shared}/{part}" if shared and part else shared


def _direction(entry: Element, detail: Element | None) -> Direction:
    mark = (detail is not None and _text(detail, "CdtDbtInd")) or _text(entry, "CdtDbtInd")
    back = (
        _text(entry, "RvslInd") in ("true", "1")
        or _came_back(entry)
        or (detail is not None and _came_back(detail))
    )
    match mark:
        case "CRDT":
            return Direction.DEBIT_REVERSED if back else Direction.CREDIT
        case "DBIT":
            return Direction.CREDIT_REVERSED if back else Direction.DEBIT
        case _:
            raise EntryProblem("it does not say whether it is a credit or a debit (`CdtDbtInd`)")


def _came_back(element: Element) -> bool:
    """A payment that returns, theirs or ours: the bank says why, or gives it a return's code."""
    if _first(element, "RtrInf") is not None:
        return True
    return _text(element, "BkTxCd/Domn/Fmly/SubFmlyCd") in _RETURNED


def _amount(element: Element) -> Money:
    found = _first(element, "Amt")
    if found is None:
        raise EntryProblem("it has no amount")
    text = (found.text or "").strip()
    currency = str(found.get("Ccy") or "")
    if not _AMOUNT.fullmatch(text):
        raise EntryProblem("its amount is no number without a sign")
    return exact(Decimal(text), currency)


def _booked_on(entry: Element) -> date:
    day = _day(entry, "BookgDt") or _day(entry, "ValDt")
    if day is None:
        raise EntryProblem("it has no booking date")
    return day


def _day(element: Element, path: str) -> date | None:
    text = _text(element, f"{path}/Dt") or _text(element, f"{path}/DtTm")
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise EntryProblem("its date is no date") from None


def _each(element: Element, path: str) -> Iterator[Element]:
    """The elements at a path of plain names, whatever their namespace."""
    return element.iterfind(_anywhere(path))


@cache
def _anywhere(path: str) -> str:
    return path if path == "." else "/".join(f"{{*}}{name}" for name in path.split("/"))


def _first(element: Element, path: str) -> Element | None:
    return next(_each(element, path), None)


def _text(element: Element, path: str) -> str | None:
    found = _first(element, path)
    text = None if found is None else (found.text or "").strip()
    return text or None
