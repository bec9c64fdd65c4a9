"""What waits for the team in the tests of its queues."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from app.book.importing import Options, import_files
from app.book.mapping.source import read_mapping
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.means import About, Told, tell_means
from app.intake.plan_offers import Rhythm, Terms
from app.intake.plan_wishes import Wish, wish_for_plan
from app.intake.promises import MadeBy, make_promise
from app.intake.replies import Written, receive_reply
from app.intake.tasks import Team, give_task
from app.store.rows import BankEntry, BankStatement
from campaigns.money import Money
from campaigns.vocabulary import Medium
from tests.app.book.feeds import MAPPING, write
from tests.app.console.team import Team as House
from tests.factories import add, add_customer, add_invoice

PHONE, OURS = "+972500000100", "+972520000000"
COMPLAINT: Final = "This is a formal complaint about your conduct"


def customer(team: House) -> int:
    made = add_customer(team.database, team.creditor_id, "C1", phone=PHONE, person="p1")
    add_invoice(team.database, made, "INV-1", amount=24_050)
    add_invoice(team.database, made, "INV-2", amount=100_000)
    return made


def rows(team: House, table: str, where: str = "1=1") -> list[dict[str, Any]]:
    with team.database.read() as session:
        found = session.connection().execute(text(f"SELECT * FROM {table} WHERE {where}"))
        return [dict(row._mapping) for row in found]


def task(team: House, kind: str) -> dict[str, Any]:
    (found,) = rows(team, "task", f"kind = '{kind}' ORDER BY id")
    return found


def at(team: House, kind: str) -> str:
    return f"/console/queues/tasks/{task(team, kind)['id']}"


def acted(team: House) -> list[str]:
    return [row["act"] for row in rows(team, "act_line", "1=1 ORDER BY id")]


def seen_on(page: str) -> str:
    """How its form says that the task was seen."""
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])


def give(team: House, key: str, whose: int | None = None, to: Team = Team.SERVICE) -> int:
    now = team.clock.now()
    with team.database.write() as session:
        give_task(
            session,
            key=key,
            team=to,
            kind="wrong_person",
            title="An address belongs to somebody else",
            now=now,
            due_in=timedelta(days=1),
            customer_id=whose,
        )
    return int(rows(team, "task", f"key = '{key}'")[0]["id"])


def wished(team: House, whose: int) -> None:
    now = team.clock.now()
    terms = Terms(10, Rhythm.MONTHLY, now.date() + timedelta(days=5))
    with team.database.write() as session:
        wish = Wish(Money(124_050, "ILS"), terms)
        wish_for_plan(session, customer_id=whose, wish=wish, said=None, now=now)


def disputed(team: House, whose: int, invoice: int = 1) -> None:
    with team.database.write() as session:
        dispute_invoice(
            session,
            customer_id=whose,
            invoice_id=invoice,
            kind=DisputeKind.WRONG_AMOUNT,
            words="The meter was read wrongly",
            now=team.clock.now(),
        )


def entry(team: House, **told: Any) -> int:
    today = team.clock.now().date()
    statement = add(
        team.database, BankStatement, key="s", creditor_id=team.creditor_id, account="a",
        name="1", file_name="s.xml", taken_at=team.clock.now(),
    )  # fmt: skip
    return add(
        team.database,
        BankEntry,
        **{
            "key": "e",
            "statement_id": statement,
            "creditor_id": team.creditor_id,
            "kind": "payment",
            "state": "unmatched",
            "currency": "ILS",
            "amount_minor": 24_050,
            "booked_on": today,
            "payer": "D. Cohen",
            **told,
        },
    )


def reported(team: House, whose: int) -> None:
    """A hardship, with a note and with means."""
    now = team.clock.now()
    with team.database.write() as session:
        report_hardship(session, customer_id=whose, kind="illness", words="I am ill", now=now)
        told = Told("ILS", income=Money(500_000, "ILS"), costs=Money(450_000, "ILS"))
        tell_means(session, customer_id=whose, about=About.HARDSHIP, told=told, now=now)


def complained(team: House, number: int = 1) -> None:
    now = team.clock.now() + timedelta(minutes=number)
    with team.database.write() as session:
        said = Written(f"c:{number}", Medium.SMS, PHONE, OURS, COMPLAINT, now)
        receive_reply(session, said, now=now)


def promised(team: House, whose: int, *, days: int) -> None:
    now = team.clock.now()
    with team.database.write() as session:
        make_promise(
            session,
            customer_id=whose,
            amount=Money(124_050, "ILS"),
            due_on=now.date() + timedelta(days=days),
            made_by=MadeBy.STAFF,
            now=now,
        )


def left_out(team: House, folder: Path) -> None:
    """A feed of which one row stays out."""
    feed = write(folder, "C7,Dana,I1,100.00,2026-09-01", "C8,Avi,I2,a lot,2026-09-01")
    mapping = read_mapping(MAPPING, "north.yaml")
    import_files(team.database, [feed], mapping, Options(team.clock.now()))
