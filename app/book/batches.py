"""Writes one batch of entries into the book: customers, contacts, invoices, money, disputes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from app.book.contacts import tell_contacts
from app.book.customers import Owner, upsert_customers
from app.book.days import day_of, start_of
from app.book.disputes import DisputeIn, tell_disputes
from app.book.entries import CustomerEntry, Entry, Reject, SettlementEntry
from app.book.firsts import Firsts
from app.book.holders import wake_customers
from app.book.invoices import InvoiceIn, InvoicesUpserted, upsert_invoices
from app.book.payments import PaymentIn, post_payments
from app.book.report import ImportReport
from app.store.guard import raise_revisions
from campaigns.keys import derive
from campaigns.money import Money

_BARE = CustomerEntry("", None, {}, {}, (), ())


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of one feed, to be written in one transaction.

    `tells_history` says that the rows date what they tell (`known_on`), so that what they tell is
    recorded under its own date and not under the import's.
    """

    owner: Owner
    entries: Sequence[Entry]
    firsts: Firsts
    tells_history: bool
    now: datetime

    def instant(self, day: date | None) -> datetime:
        if day is None or not self.tells_history:
            return self.now
        return start_of(day, self.owner.zone)


def write_batch(session: Session, batch: Batch, report: ImportReport) -> list[Reject]:
    """Writes the entries and counts what they changed. Answers those that the book refused."""
    entries, rejects = _once(batch)
    first_lines = _first_lines(batch, entries, report)
    ids = _customers(session, batch, entries, first_lines, report)
    told = [entry for entry in entries if entry.invoice is not None]
    upserted = upsert_invoices(
        session, batch.owner.id, [_invoice(batch, entry, ids) for entry in told], now=batch.now
    )
    _count_invoices(told, upserted, report)
    refused = {refusal.index: refusal.reason for refusal in upserted.rejected}
    _settle(session, batch, told, upserted, ids, report)
    _dispute(session, batch, told, upserted, ids, report)
    rejects += [Reject(told[index].raw, (reason,)) for index, reason in refused.items()]
    report.accepted += len(batch.entries) - len(rejects)
    return rejects


def _once(batch: Batch) -> tuple[list[Entry], list[Reject]]:
    """Leaves out the later rows of an invoice: a second import could not tell which one counts."""
    names = [(_invoice_name(entry), entry.raw.line, "") for entry in batch.entries if entry.invoice]
    firsts = batch.firsts.see(names)
    kept: list[Entry] = []
    rejects: list[Reject] = []
    for entry in batch.entries:
        first = firsts[_invoice_name(entry)].line if entry.invoice else entry.raw.line
        if first == entry.raw.line:
            kept.append(entry)
        else:
            rejects.append(Reject(entry.raw, (f"the invoice stands on line {first} already",)))
    return kept, rejects


def _invoice_name(entry: Entry) -> str:
    number = entry.invoice.external_id if entry.invoice else ""
    return derive("invoice", entry.customer.external_id, number)


def _first_lines(batch: Batch, entries: Sequence[Entry], report: ImportReport) -> Mapping[str, int]:
    """On which line each customer stood first. That row speaks for the customer."""
    names = {
        entry.raw.line: (
            derive("customer", entry.customer.external_id),
            entry.raw.line,
            derive(entry.customer),
        )
        for entry in entries
    }
    firsts = batch.firsts.see(list(names.values()))
    for entry in entries:
        name, line, digest = names[entry.raw.line]
        if firsts[name].digest != digest:
            text = f"the customer differs from line {firsts[name].line}, which counts"
            report.note(line, text)
        for note in entry.notes:
            report.note(line, note)
    return {entry.customer.external_id: firsts[names[entry.raw.line][0]].line for entry in entries}


def _customers(
    session: Session,
    batch: Batch,
    entries: Sequence[Entry],
    first_lines: Mapping[str, int],
    report: ImportReport,
) -> Mapping[str, int]:
    lines = {entry.raw.line: entry.customer for entry in entries}
    speaking = {
        name: lines.get(line) or replace(_BARE, external_id=name)
        for name, line in first_lines.items()
    }
    upserted = upsert_customers(session, batch.owner, list(speaking.values()), now=batch.now)
    # A dry run has forgotten the batches before: count a customer where it stood first.
    here = {name for name, line in first_lines.items() if line in lines}
    report.customers_added += len(upserted.added & here)
    report.customers_changed += len(upserted.changed)
    told = tell_contacts(
        session,
        batch.owner,
        {upserted.ids[name]: speaking[name] for name in sorted(here)},
        now=batch.now,
    )
    report.addresses_added += told.added
    report.addresses_retired += told.retired
    report.consents_recorded += told.consents
    # New customers have no gate and no case yet.
    known = {name for name in here - upserted.added if upserted.ids[name] in told.customers}
    raise_revisions(session, (upserted.persons[name] for name in known))
    wake_customers(session, (upserted.ids[name] for name in known), now=batch.now)
    return upserted.ids


def _invoice(batch: Batch, entry: Entry, ids: Mapping[str, int]) -> InvoiceIn:
    assert entry.invoice is not None
    invoice = entry.invoice
    return InvoiceIn(
        customer_id=ids[entry.customer.external_id],
        external_id=invoice.external_id,
        amount=invoice.amount,
        due_on=invoice.due_on,
        number=invoice.number,
        order_number=invoice.order_number,
        issued_on=invoice.issued_on,
        debt_class=invoice.debt_class,
        limitation_on=invoice.limitation_on,
        document=invoice.document,
        known_at=batch.instant(invoice.known_on),
        payment_reference=invoice.payment_reference,
    )


def _settle(
    session: Session,
    batch: Batch,
    told: Sequence[Entry],
    upserted: InvoicesUpserted,
    ids: Mapping[str, int],
    report: ImportReport,
) -> None:
    payments = []
    for index, entry in enumerate(told):
        invoice_id, open_minor = upserted.ids[index], upserted.open_minor[index]
        if entry.settlement is None or invoice_id is None or open_minor is None:
            continue
        missing = _missing(entry, entry.settlement, open_minor)
        if missing.minor > 0:
            payments.append(_payment(batch, entry, entry.settlement, missing, ids, invoice_id))
    for payment, posted in zip(
        payments, post_payments(session, payments, now=batch.now), strict=True
    ):
        if posted.payment_id is not None:
            report.payments_posted += 1
            report.count_money(report.paid, payment.amount)


def _missing(entry: Entry, settlement: SettlementEntry, open_minor: int) -> Money:
    """What the book has yet to hear of: money that came by a gateway is not posted twice."""
    assert entry.invoice is not None
    amount = entry.invoice.amount
    return Money(settlement.settled.minor - (amount.minor - open_minor), amount.currency)


def _payment(
    batch: Batch,
    entry: Entry,
    settlement: SettlementEntry,
    amount: Money,
    ids: Mapping[str, int],
    invoice_id: int,
) -> PaymentIn:
    key = derive(
        "settlement",
        batch.owner.external_id,
        _invoice_name(entry),
        settlement.paid_on,
        settlement.settled.minor,
    )
    return PaymentIn(
        key=key,
        customer_id=ids[entry.customer.external_id],
        amount=amount,
        paid_on=settlement.paid_on or day_of(batch.now, batch.owner.zone),
        received_at=batch.instant(settlement.paid_on),
        method=settlement.method,
        reference=settlement.reference,
        invoice_ids=(invoice_id,),
    )


def _dispute(
    session: Session,
    batch: Batch,
    told: Sequence[Entry],
    upserted: InvoicesUpserted,
    ids: Mapping[str, int],
    report: ImportReport,
) -> None:
    disputes = []
    for index, entry in enumerate(told):
        invoice_id, dispute = upserted.ids[index], entry.dispute
        if dispute is None or invoice_id is None or entry.invoice is None:
            continue
        opened_on = dispute.opened_on or entry.invoice.known_on
        zone = batch.owner.zone
        disputes.append(
            DisputeIn(
                customer_id=ids[entry.customer.external_id],
                invoice_id=invoice_id,
                kind=dispute.kind,
                opened_at=start_of(opened_on, zone) if opened_on else batch.now,
                resolved_at=start_of(dispute.resolved_on, zone) if dispute.resolved_on else None,
                outcome=dispute.outcome,
            )
        )
    done = tell_disputes(session, disputes, now=batch.now)
    report.disputes_opened += done.opened
    report.disputes_resolved += done.resolved


def _count_invoices(
    told: Sequence[Entry], upserted: InvoicesUpserted, report: ImportReport
) -> None:
    report.invoices_added += upserted.added
    report.invoices_changed += upserted.changed
    for index in upserted.added_at:
        invoice = told[index].invoice
        if invoice is not None:
            report.count_money(report.invoiced, invoice.amount)
