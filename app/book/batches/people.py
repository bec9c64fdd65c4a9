"""Writes the customers of a batch, those who answer for them, their addresses and consents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from app.book.batches.work import Work, customer_name
from app.book.consents import ConsentTold, tell_consents
from app.book.customers import CustomersUpserted, upsert_customers
from app.book.entries.shapes import ConsentEntry, ContactEntry, CustomerEntry, Entry
from app.book.holders import wake_customers
from app.book.humans import upsert_humans
from app.book.points import PointsTold, tell_points
from app.book.returning import billed_anew, take_back
from app.book.wrongs import wrong
from app.store.bulk import insert_new
from app.store.given import chunks, table_of
from app.store.guard import raise_revisions
from app.store.rows import Customer, Task
from campaigns.keys import derive

_CUSTOMER = table_of(Customer)
_UNKNOWN = wrong("customer_unknown")

_ERASED = wrong("erased")
_DECIDED_WITHIN: Final = timedelta(days=7)


def leave_out_unknown(work: Work) -> None:
    """Refuses rows that name a customer of whom nothing was told."""
    entries = work.entries
    told = {e.customer.external_id for e in entries if not e.customer.refers}
    named = {e.customer.external_id for e in entries if e.customer.refers} - told
    if not named:
        return
    known = _in_the_book(work, sorted(named))
    seen = work.remembered([customer_name(name) for name in sorted(named - known)])
    for entry in entries:
        name = entry.customer.external_id
        if name in named and name not in known and customer_name(name) not in seen:
            work.refuse(entry, _UNKNOWN)


def _in_the_book(work: Work, names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(names):
        query = select(_CUSTOMER.c.external_id).where(
            _CUSTOMER.c.creditor_id == work.batch.owner.id, _CUSTOMER.c.external_id.in_(part)
        )
        found.update(work.session.connection().execute(query).scalars())
    return found


def write_people(work: Work) -> None:
    """Writes what the rows say of people. Of each, the first row of the import that names it."""
    entries = work.entries
    speaking = _speaking(work, [entry for entry in entries if not entry.customer.refers])
    bare = {e.customer.external_id: _bare(e.customer.external_id) for e in entries}
    batch, report = work.batch, work.report
    upserted = upsert_customers(
        work.session, batch.owner, list({**bare, **speaking}.values()), now=batch.now
    )
    upserted = _taken_back(work, upserted, speaking)
    work.ids = upserted.ids
    # A dry run has forgotten the batches before: count a customer where it stood first.
    report.customers_added += len(upserted.added & speaking.keys())
    report.customers_changed += len(upserted.changed)
    for entry in entries:
        for note in entry.notes:
            report.note(entry.raw.line, note)
    _tell_of_erased(work, upserted)
    _tell_of_choices(work, upserted, speaking)
    living = [entry for entry in entries if entry.customer.external_id not in upserted.erased]
    heard = {name: each for name, each in speaking.items() if name not in upserted.erased}
    _write_contacts(work, living, heard, upserted)


def _taken_back(
    work: Work, upserted: CustomersUpserted, speaking: Mapping[str, CustomerEntry]
) -> CustomersUpserted:
    """Who was erased by time alone and is billed anew is known again, as the rows say."""
    named = [
        (upserted.ids[entry.customer.external_id], entry.invoice.external_id)
        for entry in work.entries
        if entry.invoice is not None and entry.customer.external_id in upserted.erased
    ]
    back = take_back(work.session, billed_anew(work.session, named), now=work.batch.now)
    names = {name for name in upserted.erased if upserted.ids[name] in back}
    told = [entry for name, entry in speaking.items() if name in names]
    again = upsert_customers(work.session, work.batch.owner, told, now=work.batch.now)
    return replace(
        upserted, erased=upserted.erased - names, changed=upserted.changed | again.changed
    )


def _tell_of_erased(work: Work, upserted: CustomersUpserted) -> None:
    """Their money goes in, for a claim may need it; nothing else that the rows say of them does."""
    for entry in work.entries:
        if entry.customer.external_id in upserted.erased:
            work.report.note(entry.raw.line, _ERASED)
    tasks = [
        {
            "key": f"erased_again:{upserted.ids[name]}",
            "team": "service",
            "kind": "erased_again",
            "title": "A feed brings a customer who was erased: nobody is written to",
            "customer_id": upserted.ids[name],
            "created_at": work.batch.now,
            "due_at": work.batch.now + _DECIDED_WITHIN,
        }
        for name in sorted(upserted.erased)
    ]
    insert_new(work.session, Task, tasks)


def _tell_of_choices(
    work: Work, upserted: CustomersUpserted, speaking: Mapping[str, CustomerEntry]
) -> None:
    """The feed said otherwise than the customer, whose word counts: staff should know."""
    for entry in work.entries:
        name = entry.customer.external_id
        if name in upserted.chosen and speaking.get(name) is entry.customer:
            told = ", ".join(upserted.chosen[name])
            work.report.note(entry.raw.line, f"the customer chose another {told}, which stays")


def _bare(external_id: str) -> CustomerEntry:
    return CustomerEntry(external_id, None, {}, {}, (), ())


def _speaking(work: Work, entries: Sequence[Entry]) -> dict[str, CustomerEntry]:
    """What is said of the customers that this batch is the first to name."""
    names = {
        entry.raw.line: (
            customer_name(entry.customer.external_id),
            entry.raw.line,
            entry.customer.digest,
        )
        for entry in entries
    }
    firsts = work.batch.firsts.see(list(names.values()))
    speaking = {}
    for entry in entries:
        name, line, digest = names[entry.raw.line]
        first = firsts[name]
        if (first.line, first.file) == (line, work.batch.firsts.file):
            speaking[entry.customer.external_id] = entry.customer
        elif first.digest != digest:
            told = first.told(work.batch.firsts.file)
            work.report.note(line, wrong("customer_differs", where=told))
    return speaking


def _write_contacts(
    work: Work,
    entries: Sequence[Entry],
    speaking: Mapping[str, CustomerEntry],
    upserted: CustomersUpserted,
) -> None:
    points = [
        PointsTold(work.ids[name], None, customer.points, replaces=True)
        for name, customer in speaking.items()
        if customer.points
    ]
    consents = [
        _consent(work, name, consent)
        for name, customer in speaking.items()
        for consent in customer.consents
    ]
    for entry in entries:
        if entry.customer.refers:
            told = PointsTold(work.customer_id(entry), None, entry.customer.points, replaces=False)
            points += [told] if entry.customer.points else []
            name = entry.customer.external_id
            consents += [_consent(work, name, consent) for consent in entry.customer.consents]
    humans = upsert_humans(work.session, _humans(work, entries))
    points += humans.points
    pointed = tell_points(work.session, points, secret=work.batch.secret, now=work.batch.now)
    consented = tell_consents(work.session, work.batch.owner.zone, consents, now=work.batch.now)
    report = work.report
    report.contacts_added += humans.added
    report.contacts_changed += humans.changed
    report.addresses_added += pointed.added
    report.addresses_retired += pointed.retired
    report.consents_recorded += consented.recorded
    touched = humans.customers | pointed.customers | consented.customers
    # New customers have no gate and no case yet.
    old = {name for name, id_ in work.ids.items() if id_ in touched} - upserted.added
    raise_revisions(work.session, (upserted.persons[name] for name in old))
    wake_customers(work.session, (work.ids[name] for name in old), now=work.batch.now)


def _consent(work: Work, customer: str, entry: ConsentEntry) -> ConsentTold:
    return ConsentTold(work.ids[customer], entry)


def _humans(work: Work, entries: Sequence[Entry]) -> list[tuple[int, ContactEntry]]:
    """The contacts that this batch is the first to name."""
    named = [
        (entry, contact, derive("contact", entry.customer.external_id, *contact.identity))
        for entry in entries
        for contact in entry.contacts
    ]
    firsts = work.batch.firsts.see([(n, e.raw.line, derive(c)) for e, c, n in named])
    found: dict[str, tuple[int, ContactEntry]] = {}
    for entry, contact, name in named:
        first = firsts[name]
        here = (first.line, first.file) == (entry.raw.line, work.batch.firsts.file)
        if here:
            found.setdefault(name, (work.customer_id(entry), contact))
        if first.digest != derive(contact):
            told = first.told(work.batch.firsts.file)
            work.report.note(entry.raw.line, wrong("contact_differs", where=told))
    return list(found.values())
