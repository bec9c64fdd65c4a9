"""Takes one statement into the book, in the session's transaction: all of it, or none.

What is certain is posted like any payment. What is likely waits for a person, what nobody can be
named for is unmatched; neither settles anything before somebody assigns it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.book.customers import Owner
from app.book.errors import FeedError
from app.book.holders import hold
from app.book.payments import post_payments
from app.book.reversals import post_reversal
from app.book.statements.debts import load_debts
from app.book.statements.entry_keys import entry_keys, statement_key
from app.book.statements.entry_rows import (
    match_task,
    payment_of,
    return_task,
    reversal_of,
    row_of,
)
from app.book.statements.matching import Certain, Debts, Likely, Said, at_most_likely, match
from app.book.statements.originals import find_originals
from app.book.statements.report import EntryNote, StatementReport
from app.book.statements.statement import BankEntryIn, Direction, Statement
from app.store.bulk import insert_new, insert_returning_ids, update_rows
from app.store.given import ids_where, table_of
from app.store.rows import BankEntry, BankStatement, Creditor, Task
from campaigns.money import Money
from campaigns.worded import worded

_CREDITOR, _STATEMENT = table_of(Creditor), table_of(BankStatement)
_OURS = (Direction.DEBIT, Direction.DEBIT_REVERSED)
_Keyed = tuple[str, BankEntryIn]


def take_statement(
    session: Session,
    owner: Owner,
    statement: Statement,
    report: StatementReport,
    *,
    now: datetime,
    despite_balance: bool = False,
) -> None:
    """Books what is new of `statement` and counts it in `report`.

    A statement whose balances do not agree with its entries is refused whole, unless
    `despite_balance`. Raises `FeedError` for an account whose statements are another creditor's.
    """
    _check_account(session, owner, statement)
    report.statements += 1
    for fault in statement.faults:
        report.reject(EntryNote(statement.name, fault.place, fault.reason))
    if _disagrees(statement, report) and not despite_balance:
        report.refused += 1
        return
    keyed = _fresh(session, owner, statement, report)
    if not keyed:
        return
    statement_id = _keep_statement(session, owner, statement, keyed, report.file, now)
    _Taking(session, owner, statement_id, report, now).take(keyed)


def _check_account(session: Session, owner: Owner, statement: Statement) -> None:
    if not statement.account:
        return
    query = (
        select(_CREDITOR.c.external_id)
        .join_from(_STATEMENT, _CREDITOR, _CREDITOR.c.id == _STATEMENT.c.creditor_id)
        .where(_STATEMENT.c.account == statement.account, _STATEMENT.c.creditor_id != owner.id)
    )
    other = session.connection().execute(query.limit(1)).scalar()
    if other is not None:
        raise FeedError(
            worded(
                "the account that ends in %(digits)s is creditor %(other)s's by an earlier"
                " statement, not %(creditor)s's; name the right creditor",
                digits=statement.account[-4:],
                other=other,
                creditor=owner.external_id,
            )
        )


def _disagrees(statement: Statement, report: StatementReport) -> bool:
    mismatch = statement.mismatch()
    if not mismatch or statement.closing is None:
        return False
    off = Money(mismatch, statement.closing.currency)
    text = (
        f"the closing balance is {off.decimal:+} {off.currency} off from the opening balance and"
        " the entries; ask the bank for the whole statement"
    )
    report.findings.append(EntryNote(statement.name, "balance", text))
    return True


def _fresh(
    session: Session, owner: Owner, statement: Statement, report: StatementReport
) -> list[_Keyed]:
    """The customers' entries that no statement has told before."""
    keyed = zip(entry_keys(owner.external_id, statement), statement.entries, strict=True)
    theirs = [(key, entry) for key, entry in keyed if entry.direction not in _OURS]
    known = ids_where(session, BankEntry, "key", [key for key, _ in theirs])
    report.entries += len(statement.entries)
    report.pending += statement.pending
    report.ignored += len(statement.entries) - len(theirs)
    report.known += len(known)
    for key, entry in theirs:
        if entry.direction is Direction.CREDIT:
            report.add("told", entry.amount)
            if key in known:
                report.add("known", entry.amount)
    return [(key, entry) for key, entry in theirs if key not in known]


def _keep_statement(
    session: Session,
    owner: Owner,
    statement: Statement,
    keyed: Sequence[_Keyed],
    file_name: str,
    now: datetime,
) -> int:
    """The statement's row, which sums up what it brought; told again, it may bring more."""
    key = statement_key(owner.external_id, statement)
    row = {
        "key": key,
        "creditor_id": owner.id,
        "account": statement.account,
        "name": statement.name,
        "file_name": file_name,
        "closed_on": statement.closed_on,
        "taken_at": now,
    }
    insert_new(session, BankStatement, [row])
    query = select(_STATEMENT).where(_STATEMENT.c.key == key)
    kept = session.connection().execute(query).one()
    sums = {
        "credited": _added(kept.credited, keyed, Direction.CREDIT),
        "reversed": _added(kept.reversed, keyed, Direction.CREDIT_REVERSED),
    }
    update_rows(session, BankStatement, [{"id": kept.id, **sums}])
    return int(kept.id)


def _added(sums: Mapping[str, int], keyed: Sequence[_Keyed], which: Direction) -> dict[str, int]:
    added = dict(sums)
    for _, entry in keyed:
        if entry.direction is which:
            currency = entry.amount.currency
            added[currency] = added.get(currency, 0) + entry.amount.minor
    return added


@dataclass(frozen=True, slots=True)
class _Taking:
    """The new entries of one statement on their way into the book."""

    session: Session
    owner: Owner
    statement_id: int
    report: StatementReport
    now: datetime

    def take(self, keyed: Sequence[_Keyed]) -> None:
        payments = [(k, entry) for k, entry in keyed if entry.direction is Direction.CREDIT]
        returns = [(k, entry) for k, entry in keyed if entry.direction is not Direction.CREDIT]
        debts = self._debts(keyed)
        matched = [(key, entry, match(_said(entry), debts)) for key, entry in payments]
        certain = [(key, entry, it) for key, entry, it in matched if isinstance(it, Certain)]
        self._hold(certain, returns, debts)
        self._book(certain)
        if certain:
            debts = self._debts(keyed)  # some of it is settled now
        self._keep(
            [
                (key, entry, at_most_likely(match(_said(entry), debts)))
                for key, entry, it in matched
                if not isinstance(it, Certain)
            ]
        )
        for key, entry in returns:
            self._take_back(key, entry, debts)

    def _debts(self, keyed: Sequence[_Keyed]) -> Debts:
        return load_debts(self.session, self.owner.id, [entry for _, entry in keyed])

    def _hold(
        self,
        certain: Sequence[tuple[str, BankEntryIn, Certain]],
        returns: Sequence[_Keyed],
        debts: Debts,
    ) -> None:
        """All guards at once and in order, so that two writers never wait for each other."""
        concerned = {found.customer_id for *_, found in certain}
        for _, entry in returns:
            originals = find_originals(self.session, self.owner.id, entry, debts)
            concerned |= {original.customer_id for original in originals}
        hold(self.session, concerned)

    def _book(self, certain: Sequence[tuple[str, BankEntryIn, Certain]]) -> None:
        payments = [
            payment_of(key, entry, found.customer_id, found.invoice_ids, self.now)
            for key, entry, found in certain
        ]
        posted = post_payments(self.session, payments, now=self.now)
        rows = [
            self._row(key, entry, state="booked", payment_id=done.payment_id, settled_at=self.now)
            for (key, entry, _), done in zip(certain, posted, strict=True)
        ]
        insert_returning_ids(self.session, BankEntry, rows)
        for _, entry, _ in certain:
            self.report.booked += 1
            self.report.add("booked", entry.amount)

    def _keep(self, rest: Sequence[tuple[str, BankEntryIn, Likely | None]]) -> None:
        """Keeps what is likely with a task, and what is nobody's as unmatched credit."""
        states = ["waiting" if found else "unmatched" for *_, found in rest]
        rows = [
            self._row(key, entry, state=state)
            for (key, entry, _), state in zip(rest, states, strict=True)
        ]
        ids = insert_returning_ids(self.session, BankEntry, rows)
        tasks = [
            match_task(key, entry, entry_id, found, self.now)
            for (key, entry, found), entry_id in zip(rest, ids, strict=True)
            if found
        ]
        insert_new(self.session, Task, tasks)
        for (_, entry, _), state in zip(rest, states, strict=True):
            self.report.add(state, entry.amount)
        self.report.waiting += len(tasks)
        self.report.unmatched += len(rest) - len(tasks)

    def _take_back(self, key: str, entry: BankEntryIn, debts: Debts) -> None:
        """Posts the reversal of the one payment that it can be; else somebody says which."""
        originals = find_originals(self.session, self.owner.id, entry, debts)
        if len(originals) == 1:
            reversal = reversal_of(key, entry, originals[0], self.now)
            done = post_reversal(self.session, reversal, now=self.now)
            if done.reversal_id is not None:
                booked = {"reversal_id": done.reversal_id, "settled_at": self.now}
                rows = [self._row(key, entry, state="booked", **booked)]
                insert_returning_ids(self.session, BankEntry, rows)
                self.report.reversed += 1
                self.report.add("reversed", entry.amount)
                return
        rows = [self._row(key, entry, state="waiting")]
        (entry_id,) = insert_returning_ids(self.session, BankEntry, rows)
        insert_new(self.session, Task, [return_task(key, entry, entry_id, originals, self.now)])
        self.report.waiting += 1

    def _row(self, key: str, entry: BankEntryIn, **values: Any) -> dict[str, Any]:
        own = {"creditor_id": self.owner.id, "statement_id": self.statement_id}
        return row_of(key, entry, **own) | values


def _said(entry: BankEntryIn) -> Said:
    return Said(entry.amount, entry.references, entry.text, entry.payer, entry.payer_account)
