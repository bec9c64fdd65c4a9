"""What Duly ships is published once, and what designers publish afterwards stays."""

from app.loops.assembly import publish_shipped
from app.store.engines import Database
from app.store.publishing import contents, current, publish
from tests.databases import on_both_stores
from tests.factories import NOON


def _current_text(database: Database, kind: str, name: str) -> str:
    with database.read() as session:
        digest = current(session, kind)[name]
        return contents(session, [digest])[digest]


def test_everything_that_ships_is_published(database: Database) -> None:
    names = publish_shipped(database, NOON)

    assert {"journey consumer_gentle", "template reminder_first", "pack il"} <= set(names)
    assert "steps:" in _current_text(database, "journey", "consumer_gentle")


def test_doing_it_again_publishes_nothing(database: Database) -> None:
    publish_shipped(database, NOON)

    assert publish_shipped(database, NOON) == []


def test_a_journey_that_was_edited_and_published_since_stays(database: Database) -> None:
    publish_shipped(database, NOON)
    with database.write() as session:
        publish(session, "journey", "consumer_gentle", "ours", now=NOON)

    publish_shipped(database, NOON)

    assert _current_text(database, "journey", "consumer_gentle") == "ours"


@on_both_stores
def test_a_newer_shipped_version_takes_the_place_of_an_older_one(database: Database) -> None:
    with database.write() as session:
        publish(session, "journey", "consumer_gentle", "as it shipped last year", now=NOON)

    assert "journey consumer_gentle" in publish_shipped(database, NOON)
    assert "steps:" in _current_text(database, "journey", "consumer_gentle")
