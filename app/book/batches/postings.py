"""Posts the money of a batch: payments, credit notes, and what went back of payments.

A posting has the feed's own id, or else a key made of what it says and how often the file has said
just that: two equal lines of one file are two payments, the same file again is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from app.book.batches.work import Work, invoice_name
from app.book.entries.shapes import CreditNoteEntry, Entry, PaymentEntry, ReversalEntry
from app.book.errors import LedgerError
from app.book.invoices import find_invoices
from app.book.payments import PaymentIn, post_payments
from app.book.reversals import ReversalIn, ReversalKind, post_reversal
from app.book.wrongs import wrong
from app.store.given import chunks, ids_where, table_of
from app.store.rows import Payment, Reversal
from campaigns.keys import derive

_PAYMENT = table_of(Payment)
_NO_INVOICE = wrong("invoice_unknown")
_NO_PAYMENT = wrong("payment_unknown")
_CONTRADICTED = wrong("payment_contradicted")


def write_payments(work: Work) -> None:
    told = [(entry, entry.payment) for entry in work.entries if entry.payment is not None]
    keys = {entry.raw.line: _payment_key(work, entry, payment) for entry, payment in told}
    told = _once(work, told, keys, "payment")
    invoices = _invoices(work, [(entry, payment.invoice) for entry, payment in told])
    known = _known_payments(work, list(keys.values()))
    postings = []
    for entry, payment in told:
        row = known.get(keys[entry.raw.line])
        if entry.raw.line in work.refused:
            continue
        if row is None:
            postings.append((entry, _payment(work, entry, payment, keys, invoices)))
        elif _contradicts(row, payment, work.customer_id(entry)):
            work.refuse(entry, _CONTRADICTED)
    done = post_payments(work.session, [posting for _, posting in postings], now=work.batch.now)
    for (entry, posting), posted in zip(postings, done, strict=True):
        work.report.payments_posted += 1
        work.report.count_money(work.report.paid, posting.amount)
        if posted.surplus.minor and not work.batch.forgets:
            work.report.note(entry.raw.line, wrong("money_left"))


def _contradicts(row: Row[Any], payment: PaymentEntry, customer_id: int) -> bool:
    told = (customer_id, payment.amount.minor, payment.amount.currency)
    return told != (row.customer_id, row.amount_minor, row.currency)


def _payment_key(work: Work, entry: Entry, payment: PaymentEntry) -> str:
    if payment.external_id is not None:
        return named_payment_key(work.batch.owner.external_id, payment.external_id, payment.invoice)
    return _content_key(work, entry, payment)


def named_payment_key(creditor: str, external_id: str, invoice: str | None) -> str:
    """One id may stand on several lines, one for each invoice that it settles."""
    return derive("payment", creditor, external_id, *([invoice] if invoice else []))


def _content_key(
    work: Work, entry: Entry, told: PaymentEntry | CreditNoteEntry | ReversalEntry
) -> str:
    content = derive(work.batch.owner.external_id, entry.customer.external_id, told)
    return derive("posting", content, work.batch.firsts.occurrence(content))


def _payment(
    work: Work,
    entry: Entry,
    payment: PaymentEntry,
    keys: Mapping[int, str],
    invoices: Mapping[int, int],
) -> PaymentIn:
    invoice_id = invoices.get(entry.raw.line)
    return PaymentIn(
        key=keys[entry.raw.line],
        customer_id=work.customer_id(entry),
        amount=payment.amount,
        paid_on=payment.paid_on,
        received_at=work.batch.instant(payment.paid_on),
        method=payment.method,
        reference=payment.reference,
        invoice_ids=(invoice_id,) if invoice_id is not None else (),
    )


def write_credit_notes(work: Work) -> None:
    told = [(entry, entry.credit_note) for entry in work.entries if entry.credit_note is not None]
    keys = {entry.raw.line: _key(work, entry, note, "credit_note") for entry, note in told}
    told = _once(work, told, keys, "credit note")
    invoices = _invoices(work, [(entry, note.invoice) for entry, note in told])
    known = ids_where(work.session, Reversal, "key", keys.values())
    for entry, note in told:
        key = keys[entry.raw.line]
        if key in known or entry.raw.line in work.refused:
            continue
        posting = ReversalIn(
            key=key,
            kind=ReversalKind.CREDIT_NOTE,
            customer_id=work.customer_id(entry),
            amount=note.amount,
            reversed_on=note.credited_on,
            received_at=work.batch.instant(note.credited_on),
            invoice_id=invoices.get(entry.raw.line),
        )
        _post(work, entry, posting)


def write_reversals(work: Work) -> None:
    told = [(entry, entry.reversal) for entry in work.entries if entry.reversal is not None]
    keys = {entry.raw.line: _key(work, entry, reversal, "reversal") for entry, reversal in told}
    told = _once(work, told, keys, "reversal")
    payments = {entry.raw.line: _reversed_key(work, reversal) for entry, reversal in told}
    rows = _known_payments(work, list(payments.values()))
    seen = work.remembered(list(payments.values()))
    known = ids_where(work.session, Reversal, "key", keys.values())
    for entry, reversal in told:
        row = rows.get(payments[entry.raw.line])
        if keys[entry.raw.line] in known:
            continue
        if row is not None:
            _post(work, entry, _reversal(work, entry, reversal, keys, row.id))
        elif payments[entry.raw.line] in seen:
            _count(work, _reversal(work, entry, reversal, keys, None))
        else:
            work.refuse(entry, _NO_PAYMENT)


def _reversal(
    work: Work,
    entry: Entry,
    reversal: ReversalEntry,
    keys: Mapping[int, str],
    payment_id: int | None,
) -> ReversalIn:
    return ReversalIn(
        key=keys[entry.raw.line],
        kind=reversal.kind,
        customer_id=work.customer_id(entry),
        amount=reversal.amount,
        reversed_on=reversal.reversed_on,
        received_at=work.batch.instant(reversal.reversed_on),
        payment_id=payment_id,
    )


def _reversed_key(work: Work, reversal: ReversalEntry) -> str:
    owner = work.batch.owner.external_id
    return named_payment_key(owner, reversal.payment, reversal.invoice)


def _post(work: Work, entry: Entry, posting: ReversalIn) -> None:
    try:
        posted = post_reversal(work.session, posting, now=work.batch.now)
    except LedgerError as error:
        work.refuse(entry, str(error))
        return
    if posted.excess.minor and not work.batch.forgets:
        work.report.note(entry.raw.line, wrong("more_than_left"))
    if posted.reversal_id is not None:
        _count(work, posting)


def _count(work: Work, posting: ReversalIn) -> None:
    report = work.report
    if posting.kind is ReversalKind.CREDIT_NOTE:
        report.credit_notes_posted += 1
        report.count_money(report.credited, posting.amount)
    else:
        report.reversals_posted += 1
        report.count_money(report.went_back, posting.amount)


def _key(work: Work, entry: Entry, told: CreditNoteEntry | ReversalEntry, kind: str) -> str:
    if told.external_id is None:
        return _content_key(work, entry, told)
    return derive(kind, work.batch.owner.external_id, told.external_id)


def _once(
    work: Work, told: Sequence[tuple[Entry, Any]], keys: Mapping[int, str], what: str
) -> list[tuple[Entry, Any]]:
    """Refuses the later rows of one posting."""
    firsts = work.batch.firsts.see([(keys[e.raw.line], e.raw.line, "") for e, _ in told])
    kept = []
    for entry, posting in told:
        first = firsts[keys[entry.raw.line]]
        if (first.line, first.file) == (entry.raw.line, work.batch.firsts.file):
            kept.append((entry, posting))
        elif first.file == work.batch.firsts.file or posting.external_id is not None:
            told_where = first.told(work.batch.firsts.file)
            work.refuse(entry, wrong("there_already", what=what, where=told_where))
    return kept


def _invoices(work: Work, named: Sequence[tuple[Entry, str | None]]) -> dict[int, int]:
    """The id of the invoice that each line names. A line that names an unknown one is refused."""
    wanted = [(entry, number) for entry, number in named if number is not None]
    rows = find_invoices(work.session, [(work.customer_id(e), number) for e, number in wanted])
    seen = work.remembered([invoice_name(entry, number) for entry, number in wanted])
    found = {}
    for entry, number in wanted:
        row = rows.get((work.customer_id(entry), number))
        if row is not None:
            found[entry.raw.line] = row.id
        elif invoice_name(entry, number) not in seen:
            work.refuse(entry, _NO_INVOICE)
    return found


def _known_payments(work: Work, keys: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    names = ("key", "id", "customer_id", "amount_minor", "currency")
    columns = [_PAYMENT.c[name] for name in names]
    for part in chunks(keys):
        query = select(*columns).where(_PAYMENT.c.key.in_(part))
        found.update({row.key: row for row in work.session.connection().execute(query)})
    return found
