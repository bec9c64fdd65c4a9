"""What a customer chose themselves is not a feed's to change, and staff hear of the difference."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlmodel import col, select

from app.book.choices import (
    Choosable,
    ChosenBy,
    choose,
    choose_language_of_contact,
    let_feed_decide,
)
from app.store.engines import Database
from app.store.rows import Contact, Customer, Event
from tests.app.book.feeds import HEADER, MAPPING, run, write
from tests.app.book.make import NOW
from tests.databases import on_both_stores

CHOICES = "  locale: lang\n  preferred_medium: way\n  hours: hrs\n"
FED = MAPPING.replace("  name: name\n", f"  name: name\n{CHOICES}")
COLUMNS = f"{HEADER},lang,way,hrs"
BROUGHT = "C1,Dana,I1,1,2026-09-01,lt,sms,mon-fri 09:00-12:00"
CHOSEN: Mapping[Choosable, str | None] = {
    Choosable.LOCALE: "he",
    Choosable.PREFERRED_MEDIUM: "email",
    Choosable.HOURS: "mon-sun 17:00-20:00",
}


def customer(database: Database) -> Customer:
    with database.read() as session:
        return session.exec(select(Customer)).one()


def told(database: Database, kind: str) -> list[dict[str, object]]:
    with database.read() as session:
        query = select(Event).where(Event.kind == kind).order_by(col(Event.id))
        return [event.payload for event in session.exec(query)]


@on_both_stores
def test_a_feed_does_not_overwrite_what_the_customer_chose_and_says_so_once(
    database: Database, tmp_path: Path
) -> None:
    feed = write(tmp_path, BROUGHT, header=COLUMNS)
    assert run(database, feed, FED).notes == []
    with database.write() as session:
        choose(session, 1, CHOSEN, by=ChosenBy.REPLY, now=NOW, told={"reply_id": 7})

    again = [run(database, feed, FED) for _ in range(2)]

    row = customer(database)
    assert (row.locale, row.preferred_medium, row.hours) == tuple(CHOSEN.values())
    assert row.chosen is not None
    assert row.chosen["locale"] == {"by": "reply", "at": NOW.isoformat(), "reply_id": 7}
    assert [report.changed for report in again] == [0, 0]
    (note,) = again[1].notes
    assert note.text == "the customer chose another hours, locale, preferred_medium, which stays"
    against = told(database, "choice_contradicted")
    assert {(each["choice"], each["feed"]) for each in against} == {
        ("locale", "lt"),
        ("preferred_medium", "sms"),
        ("hours", "mon-fri 09:00-12:00"),
    }
    assert len(against) == 3, "a feed that is brought each night is one fact"

    moved = run(database, write(tmp_path, BROUGHT.replace("Dana", "Dina"), header=COLUMNS), FED)
    assert moved.customers_changed == 1
    assert (customer(database).name, customer(database).locale) == ("Dina", "he")


def test_staff_choose_for_them_and_let_the_feed_decide_again(
    database: Database, tmp_path: Path
) -> None:
    feed = write(tmp_path, BROUGHT, header=COLUMNS)
    run(database, feed, FED)
    with database.write() as session:
        choose(session, 1, CHOSEN, by=ChosenBy.REPLY, now=NOW)
        told_so = {"recorded_by": "Noa"}
        choose(session, 1, {Choosable.LOCALE: "ar"}, by=ChosenBy.STAFF, now=NOW, told=told_so)
        assert let_feed_decide(session, 1, Choosable.PREFERRED_MEDIUM, by="Noa", now=NOW)
        assert not let_feed_decide(session, 1, Choosable.PREFERRED_MEDIUM, by="Noa", now=NOW)
    run(database, feed, FED)

    row = customer(database)
    assert (row.locale, row.preferred_medium, row.hours) == ("ar", "sms", CHOSEN[Choosable.HOURS])
    assert row.chosen is not None
    assert {name: each["by"] for name, each in row.chosen.items()} == {
        "locale": "staff",
        "hours": "reply",
    }
    assert [each["by"] for each in told(database, "choice_lifted")] == ["Noa"]


def test_the_same_holds_for_a_human_of_a_business(database: Database, tmp_path: Path) -> None:
    humans = FED + "contacts: [{ name: who, email: mail, locale: tongue }]\n"
    columns = f"{COLUMNS},who,mail,tongue"
    feed = write(tmp_path, f"{BROUGHT},Ada,ada@x.example,lt", header=columns)
    run(database, feed, humans)
    with database.write() as session:
        choose_language_of_contact(session, 1, "de", NOW)

    assert run(database, feed, humans).contacts_changed == 0
    with database.read() as session:
        assert session.exec(select(Contact)).one().locale == "de"
