"""A crowd whose messages wait to be delivered, in all languages that Duly ships.

The messages are those that the engine's own walk has decided on.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, String, Table, case, cast, literal, select, update
from sqlmodel import Session

from app.book.on_call import put_on_call
from app.book.packs import published_packs
from app.book.signoffs import sign
from app.engine.catalogue import Catalogue
from app.engine.walk import Walk
from app.lab.bench.crowd import NOW, fill
from app.lab.drill_field import Route
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Address, Consent, ContactPoint, Creditor, Customer, Invoice, Sender
from campaigns.vocabulary import Medium

LOCALES: Final = ("en", "he", "ar", "lt", "de")
FIRST_AMOUNT: Final = 10_000
FAST: Final = 1e6  # messages a second that the sender allows: it is not what is measured
_AT_ONCE: Final = 1000  # cases


def fill_waiting(database: Database, people: int, *, medium: Medium) -> None:
    """Everybody has one message that waits on this medium, due at `NOW`."""
    fill_due(database, people, medium=medium)
    walk = Walk(database, Catalogue(), batch=_AT_ONCE)
    while walk.tick(NOW).looked:
        continue


def fill_due(database: Database, people: int, *, medium: Medium, provider: str = "sandbox") -> None:
    """Everybody has a case that is due at `NOW` and is reached on this medium alone."""
    fill(database, people, due=people)
    with database.write() as session:
        connection = session.connection()
        _tell_apart(connection)
        _reach(connection, Route(medium, provider))
        _answer_for(session)


def _answer_for(session: Session) -> None:
    """Somebody answers for the rules and is on call: without that nothing real is sent."""
    put_on_call(session, None, "noa@drill.example", name="Noa Levi", by="bench", now=NOW)
    for creditor_id in session.connection().execute(select(table_of(Creditor).c.id)).scalars():
        packs = published_packs(session)
        sign(session, creditor_id, packs, by="bench", note="for the bench", now=NOW)


def _tell_apart(connection: Connection) -> None:
    """A name, a language and an amount of one's own."""
    customer, invoice = table_of(Customer), table_of(Invoice)
    name = literal("Person ") + cast(customer.c.id, String)
    spoken = case(dict(enumerate(LOCALES)), value=customer.c.id % len(LOCALES))
    connection.execute(update(customer).values(name=name, locale=spoken))
    amount = FIRST_AMOUNT + invoice.c.customer_id
    connection.execute(update(invoice).values(amount_minor=amount, open_minor=amount))


def _reach(connection: Connection, route: Route) -> None:
    sender = {
        "provider": route.provider,
        "address": route.sender,
        "per_second": FAST,
        "cleared": {"il": "registered for the bench"},
    }
    for model in (Sender, ContactPoint, Consent):
        connection.execute(update(table_of(model)).values(medium=str(route.medium)))
    connection.execute(update(table_of(Sender)).values(sender))
    if route.medium is Medium.EMAIL:
        _give_mailboxes(connection, table_of(Address))


def _give_mailboxes(connection: Connection, address: Table) -> None:
    mailbox = literal("p") + cast(address.c.id, String) + literal("@people.example")
    connection.execute(update(address).values(kind="email", value=mailbox))
