"""Keys of a statement's entries: the same movement told again has the same key, another never.

Where the bank gives an id, it counts, with day and amount, since not every bank keeps its ids
apart. Else the content counts, and with it the balance before that day: the second page of a day
has another, while the same day in an overlapping period has the same. What is equal in all of this
is told apart by its occurrence, so that two equal payments of one day are two.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from app.book.statements.statement import BankEntryIn, Statement
from campaigns.keys import derive


def entry_keys(creditor: str, statement: Statement) -> list[str]:
    """A key for each entry, in their order."""
    before = _balances_before(statement)
    seen: Counter[str] = Counter()
    keys = []
    for entry in statement.entries:
        told = _identity(entry, before.get(entry.booked_on))
        content = derive("bank", creditor, statement.account, *told)
        seen[content] += 1
        keys.append(derive(content, seen[content]))
    return keys


def statement_key(creditor: str, statement: Statement) -> str:
    told = (statement.name, statement.opening, statement.closing, statement.closed_on)
    return derive("statement", creditor, statement.account, *told)


def _identity(entry: BankEntryIn, balance_before: int | None) -> tuple[object, ...]:
    movement = (entry.direction, entry.amount.minor, entry.amount.currency, entry.booked_on)
    if entry.bank_id is not None:
        return (*movement, "id", entry.bank_id)
    words = (*entry.references, entry.end_to_end_id, entry.text, entry.payer, entry.payer_account)
    return (*movement, "content", balance_before, *words)


def _balances_before(statement: Statement) -> dict[date, int]:
    """The balance with which each day began; nothing where the statement tells no balance."""
    if statement.opening is None:
        return {}
    moved: Counter[date] = Counter()
    for entry in statement.entries:
        same = entry.amount.currency == statement.opening.currency
        moved[entry.booked_on] += entry.direction.sign * entry.amount.minor if same else 0
    balances, balance = {}, statement.opening.minor
    for day in sorted(moved):
        balances[day] = balance
        balance += moved[day]
    return balances
