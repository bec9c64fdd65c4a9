"""Writes the invoices of a batch, what was paid of them so far, and what is disputed."""

from __future__ import annotations

from collections.abc import Sequence

from app.book.batches.work import Batch, Work, invoice_name
from app.book.days import day_of, start_of
from app.book.disputes import DisputeIn, tell_disputes
from app.book.entries.shapes import Entry, SettlementEntry
from app.book.invoices import InvoiceIn, InvoicesUpserted, upsert_invoices
from app.book.payments import PaymentIn, post_payments
from app.book.wrongs import wrong
from campaigns.keys import derive
from campaigns.money import Money


def leave_out_repeated(work: Work) -> None:
    """Refuses the later rows of an invoice: a second import could not tell which one counts."""
    names = {
        entry.raw.line: invoice_name(entry, entry.invoice.external_id)
        for entry in work.batch.entries
        if entry.invoice
    }
    firsts = work.batch.firsts.see([(name, line, "") for line, name in names.items()])
    for entry in work.batch.entries:
        if entry.raw.line not in names:
            continue
        first = firsts[names[entry.raw.line]]
        if (first.line, first.file) != (entry.raw.line, work.batch.firsts.file):
            told = first.told(work.batch.firsts.file)
            work.refuse(entry, wrong("there_already", what="invoice", where=told))


def write_invoices(work: Work) -> None:
    told = [entry for entry in work.entries if entry.invoice is not None]
    if not told:
        return
    upserted = upsert_invoices(
        work.session,
        work.batch.owner.id,
        [_invoice(work, entry) for entry in told],
        now=work.batch.now,
    )
    _count(work, told, upserted)
    _settle(work, told, upserted)
    _dispute(work, told, upserted)
    for refusal in upserted.rejected:
        work.refuse(told[refusal.index], refusal.reason)


def _invoice(work: Work, entry: Entry) -> InvoiceIn:
    assert entry.invoice is not None
    invoice = entry.invoice
    return InvoiceIn(
        customer_id=work.customer_id(entry),
        external_id=invoice.external_id,
        amount=invoice.amount,
        due_on=invoice.due_on,
        number=invoice.number,
        order_number=invoice.order_number,
        issued_on=invoice.issued_on,
        debt_class=invoice.debt_class,
        limitation_on=invoice.limitation_on,
        document=invoice.document,
        known_at=work.batch.instant(invoice.known_on),
        payment_reference=invoice.payment_reference,
    )


def _count(work: Work, told: Sequence[Entry], upserted: InvoicesUpserted) -> None:
    report = work.report
    report.invoices_added += upserted.added
    report.invoices_changed += upserted.changed
    for index in upserted.added_at:
        invoice = told[index].invoice
        if invoice is not None:
            report.count_money(report.invoiced, invoice.amount)
    for index in upserted.shrunk_at:
        text = "the invoice shrank, and what is open with it; a credit note would say why"
        report.note(told[index].raw.line, text)


def _settle(work: Work, told: Sequence[Entry], upserted: InvoicesUpserted) -> None:
    payments = []
    for index, entry in enumerate(told):
        invoice_id, open_minor = upserted.ids[index], upserted.open_minor[index]
        if entry.settlement is None or invoice_id is None or open_minor is None:
            continue
        missing = _missing(entry, entry.settlement, open_minor)
        if missing.minor > 0:
            payments.append(_payment(work, entry, entry.settlement, missing, invoice_id))
    for payment, posted in zip(
        payments, post_payments(work.session, payments, now=work.batch.now), strict=True
    ):
        if posted.payment_id is not None:
            work.report.payments_posted += 1
            work.report.count_money(work.report.paid, payment.amount)


def _missing(entry: Entry, settlement: SettlementEntry, open_minor: int) -> Money:
    """What the book has yet to hear of: money that came by a gateway is not posted twice."""
    assert entry.invoice is not None
    amount = entry.invoice.amount
    return Money(settlement.settled.minor - (amount.minor - open_minor), amount.currency)


def _payment(
    work: Work, entry: Entry, settlement: SettlementEntry, amount: Money, invoice_id: int
) -> PaymentIn:
    batch = work.batch
    return PaymentIn(
        key=_key(batch, entry, settlement),
        customer_id=work.customer_id(entry),
        amount=amount,
        paid_on=settlement.paid_on or day_of(batch.now, batch.owner.zone),
        received_at=batch.instant(settlement.paid_on),
        method=settlement.method,
        reference=settlement.reference,
        invoice_ids=(invoice_id,),
    )


def _key(batch: Batch, entry: Entry, settlement: SettlementEntry) -> str:
    assert entry.invoice is not None
    name = invoice_name(entry, entry.invoice.external_id)
    owner = batch.owner.external_id
    return derive("settlement", owner, name, settlement.paid_on, settlement.settled.minor)


def _dispute(work: Work, told: Sequence[Entry], upserted: InvoicesUpserted) -> None:
    disputes = []
    zone = work.batch.owner.zone
    for index, entry in enumerate(told):
        invoice_id, dispute = upserted.ids[index], entry.dispute
        if dispute is None or invoice_id is None or entry.invoice is None:
            continue
        opened_on = dispute.opened_on or entry.invoice.known_on
        disputes.append(
            DisputeIn(
                customer_id=work.customer_id(entry),
                invoice_id=invoice_id,
                kind=dispute.kind,
                opened_at=start_of(opened_on, zone) if opened_on else work.batch.now,
                resolved_at=start_of(dispute.resolved_on, zone) if dispute.resolved_on else None,
                outcome=dispute.outcome,
            )
        )
    done = tell_disputes(work.session, disputes, now=work.batch.now)
    work.report.disputes_opened += done.opened
    work.report.disputes_resolved += done.resolved
