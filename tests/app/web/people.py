"""Who stands in the tests of the pages: one creditor, four customers in four languages, an app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from sqlalchemy import Connection, MetaData, create_engine, select, text
from starlette.testclient import TestClient

from app.clock import VirtualClock
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from app.payments.choice import Gateways
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.engines import Database
from app.store.rows import Attempt, Case, Charge, Customer, Link, Message
from app.web.app import create_app
from app.web.visits import token_hash
from app.wording.links import token
from campaigns.money import Money
from tests.databases import opened
from tests.factories import add, add_campaign, add_creditor, add_customer, add_invoice
from tests.handlers import keep_what_is_found

if TYPE_CHECKING:
    from app.payments.stripe_gateway import StripeGateway

keep_what_is_found()

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 11:00 in Haifa
ORIGIN = "http://testserver"
SECRET = "a secret of the tests that is long enough to be taken"
GATEWAY_SECRET = "another secret of the tests, for callbacks of the gateway"


@dataclass(frozen=True)
class Stand:
    """One app over one database, and its only creditor."""

    database: Database
    clock: VirtualClock
    gateway: SandboxGateway
    settings: Settings
    app: FastAPI
    creditor_id: int

    def client(self, **options: Any) -> TestClient:
        return TestClient(self.app, base_url=ORIGIN, follow_redirects=False, **options)


@dataclass(frozen=True)
class Payer:
    """A customer with a link that works."""

    customer_id: int
    address_id: int
    link_id: int
    token: str
    message_id: int

    @property
    def path(self) -> str:
        return f"/p/{self.token}"


@contextmanager
def standing(
    url: str,
    *,
    stripe: StripeGateway | None = None,
    origins: Sequence[str] = (),
    programs: bool = False,
    **changed: Any,
) -> Iterator[Stand]:
    """Builds the stand on a migrated, empty database and takes it down again. The API, which takes
    longer to make than all else, is there with `programs`.

    With `stripe` its creditor is paid there, and browsers may go to these `origins` to pay.
    """
    settings = Settings(
        **{
            "environment": "test",
            "database_url": url,
            "secret_key": SECRET,
            "gateway_secret": GATEWAY_SECRET,
            "base_url": ORIGIN,
            **changed,
        }
    )
    database, clock = opened(url), VirtualClock(NOW)
    gateway = SandboxGateway(secret=GATEWAY_SECRET, base_url=f"{settings.base_url}/sandbox")
    gateways = Gateways.of(stripe or gateway, [gateway])
    app = create_app(
        settings, database, clock, gateways, gateway_origins=origins, programs=programs
    )
    creditor_id = add_creditor(
        database,
        name="Carmel Water",
        brand={
            "colour": "#0b6e8f",
            "person": "Noa Levi",
            "phone": "+972 4 855 0100",
            "postal_address": "12 HaNamal St, Haifa",
        },
    )
    try:
        yield Stand(database, clock, gateway, settings, app, creditor_id)
    finally:
        gateway.close()
        database.dispose()


def add_payer(
    stand: Stand,
    name: str = "Dana Cohen",
    *,
    locale: str = "en",
    given_name: str | None = "Dana",
    invoices: bool = True,
    medium: str = "sms",
    **columns: Any,
) -> Payer:
    """A customer who owes 1,240.50 ILS on two invoices and was sent a message with a link."""
    number = _next_number(stand)
    customer_id = add_customer(
        stand.database,
        stand.creditor_id,
        f"customer-{number}",
        phone=f"+97252000{number:04}",
        **{"given_name": given_name, "locale": locale, **columns},
    )
    with stand.database.write() as session:
        customer = session.get(Customer, customer_id)
        assert customer is not None
        customer.name = name  # the factory takes the name for the key of the books
    if invoices:
        add_invoice(
            stand.database, customer_id, f"A-{number}1", amount=100_000, due_on=date(2026, 11, 12)
        )
        add_invoice(
            stand.database, customer_id, f"A-{number}2", amount=24_050, due_on=date(2026, 11, 27)
        )
    message_id, address_id = add_message(stand, customer_id, medium=medium)
    link_id, made = add_link(stand, customer_id, message_id)
    return Payer(customer_id, address_id, link_id, made, message_id)


def add_message(stand: Stand, customer_id: int, *, medium: str = "sms") -> tuple[int, int]:
    """A message that was accepted, and the address that it went to."""
    number = _next_number(stand)
    with stand.database.read() as session:
        read = session.connection().exec_driver_sql
        person_id = read(f"SELECT person_id FROM customer WHERE id = {customer_id}").scalar_one()
        point = read(
            "SELECT id, address_id FROM contact_point"
            f" WHERE customer_id = {customer_id} AND medium = '{medium}'"
        ).one()
        sender_id = read(f"SELECT id FROM sender WHERE medium = '{medium}'").scalar_one()
        campaign_id = read("SELECT id FROM campaign").scalar()
    campaign_id = campaign_id or add_campaign(stand.database, stand.creditor_id)
    owner = {
        "creditor_id": stand.creditor_id,
        "customer_id": customer_id,
        "person_id": person_id,
    }
    case_id = add(
        stand.database,
        Case,
        key=f"case-{number}",
        campaign_id=campaign_id,
        subject_id=number,
        episode=1,
        anchor_on=date(2026, 11, 12),
        journey_hash="none",
        since=NOW,
        opened_at=NOW,
        **owner,
    )
    message_id = add(
        stand.database,
        Message,
        key=f"message-{number}",
        case_id=case_id,
        template="first_reminder",
        category="reminder",
        origin="step:1",
        slot="step",
        ordinal=0,
        medium=medium,
        contact_point_id=point.id,
        address_id=point.address_id,
        sender_id=sender_id,
        state="accepted",
        delivery="delivered",
        due_at=NOW,
        valid_until=NOW,
        created_at=NOW,
        updated_at=NOW,
        **owner,
    )
    return message_id, point.address_id


def add_link(
    stand: Stand, customer_id: int, message_id: int | None = None, *, purpose: str = "pay"
) -> tuple[int, str]:
    """A link as delivery makes it: the token follows from the id, its hash is stored."""
    link_id = add(
        stand.database,
        Link,
        customer_id=customer_id,
        message_id=message_id,
        purpose=purpose,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )
    made = token(stand.settings.secret, link_id)
    change(stand, f"UPDATE link SET token_hash = '{token_hash(made)}' WHERE id = {link_id}")
    return link_id, made


def hold_back(stand: Stand, payer: Payer) -> None:
    """The payer's message has not left yet, and may for a month."""
    until = f"SELECT expires_at FROM link WHERE id = {payer.link_id}"
    waits = f"SET state = 'waiting', valid_until = ({until})"
    change(stand, f"UPDATE message {waits} WHERE id = {payer.message_id}")


def add_attempt(stand: Stand, payer: Payer, **columns: Any) -> int:
    """The frozen text of a payer's message."""
    with stand.database.read() as session:
        read = session.connection().exec_driver_sql
        message = read(f"SELECT * FROM message WHERE id = {payer.message_id}").one()
    return add(
        stand.database,
        Attempt,
        **{
            "key": f"attempt-{payer.message_id}",
            "message_id": payer.message_id,
            "person_id": message.person_id,
            "creditor_id": stand.creditor_id,
            "number": 1,
            "state": "accepted",
            "medium": message.medium,
            "category": "reminder",
            "slot": "step",
            "sender_id": message.sender_id,
            "address_id": message.address_id,
            "recipient": "+972520001234",
            "locale": "en",
            "template_hash": "none",
            "text": f"Hello, your page: {{{{link:{payer.link_id}}}}}",
            "gated_at": NOW,
            "valid_until": NOW,
            **columns,
        },
    )


def add_plan(stand: Stand, payer: Payer) -> None:
    """What the payer owes in two halves: in twelve days, and in a month and a half."""
    days = (NOW.date() + timedelta(days=12), NOW.date() + timedelta(days=45))
    with stand.database.write() as session:
        agree_plan(
            session,
            customer_id=payer.customer_id,
            parts=[Part(Money(62_025, "ILS"), day) for day in days],
            agreed_by=MadeBy.PAGE,
            now=NOW,
        )


def add_interest(stand: Stand, payer: Payer) -> None:
    """A late invoice B-1, and interest on it, of which part was charged before."""
    late = add_invoice(stand.database, payer.customer_id, "B-1", amount=1_000_000)
    charge = add_invoice(stand.database, payer.customer_id, "B-1-I2", amount=8_000)
    span = {"from": "2026-06-01", "to": "2026-06-30", "rate": "10.15", "amount_minor": 8342}
    working = {
        "on": "2026-06-30",
        "currency": "ILS",
        "number": "B-1",
        "spans": [{**span, "principal_minor": 1_000_000}],
        "total_minor": 8342,
        "claimed_before_minor": 342,
    }
    add(
        stand.database,
        Charge,
        invoice_id=charge,
        late_invoice_id=late,
        kind="interest",
        claimed_on=date(2026, 6, 30),
        working=working,
    )


def change(stand: Stand, statement: str) -> None:
    """Runs one statement of SQL."""
    with stand.database.write() as session:
        session.connection().exec_driver_sql(statement)


def one_value(stand: Stand, query: str) -> Any:
    """The first column of the first row."""
    with stand.database.read() as session:
        return session.connection().scalar(text(query))


def whole(stand: Stand) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    engine = create_engine(stand.database.url, hide_parameters=True)
    with engine.connect() as connection:
        tables = tables_of(connection)
        rows = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in tables.sorted_tables
        }
    engine.dispose()
    return rows  # type: ignore[return-value]  # reprs stand for rows, so that they can be sorted


_SCHEMAS: dict[str, MetaData] = {}


def tables_of(connection: Connection) -> MetaData:
    """The tables as the store has them; they are the same in every test."""
    kind = connection.dialect.name
    if kind not in _SCHEMAS:
        _SCHEMAS[kind] = MetaData()
        _SCHEMAS[kind].reflect(connection)
    return _SCHEMAS[kind]


def _next_number(stand: Stand) -> int:
    customers = one_value(stand, "SELECT count(*) FROM customer")
    return int(customers) + int(one_value(stand, "SELECT count(*) FROM message")) + 1
