"""What the books know of a customer's form of address reaches the words that are sent."""

from typing import Any

import pytest

from app.store.rows import Contact
from tests.app.delivery.cast import creditor, intend, owing
from tests.databases import on_both_stores
from tests.factories import add
from tests.world import World


def test_each_is_addressed_as_the_books_know_them(world: World) -> None:
    owed = creditor(world)
    people: dict[str, dict[str, Any]] = {
        "Dana": {"locale": "he", "gender": "f"},
        "Dan": {"locale": "he", "gender": "m"},
        "Tal": {"locale": "he"},
        "Lina": {"locale": "ar", "gender": "f"},
        "Jonas": {"locale": "lt", "vocative": "Jonai", "formality": "informal"},
        "Petras": {"locale": "lt", "gender": "m"},
    }
    ids = {owing(world, owed, name, given_name=name, **known): name
           for name, known in people.items()}  # fmt: skip
    firm = owing(world, owed, "Firm", locale="he", gender="f", kind="business")
    contact_id = add(world.database, Contact, customer_id=firm, name="Noam")
    with world.database.write() as session:
        session.connection().exec_driver_sql(
            f"UPDATE contact_point SET contact_id = {contact_id} WHERE customer_id = {firm}"
        )

    world.loops.settle(world.now)

    said = {ids.get(row["customer_id"], "Firm"): row["text"] for row in texts(world)}
    assert "תוכלי לבחור" in said["Dana"]
    assert "תוכל לבחור" in said["Dan"]
    assert "אפשר לבחור" in said["Tal"]
    assert "فاختاري" in said["Lina"]
    assert said["Jonas"].startswith("Labas, Jonai,\n")
    assert "pasirink kitą dieną" in said["Jonas"]
    assert said["Petras"].startswith("Sveiki,\n")
    assert "pasirinkite kitą dieną" in said["Petras"]
    assert "Noam" in said["Firm"]
    assert "אפשר לבחור" in said["Firm"]  # nobody knows whether Noam is a woman or a man


@on_both_stores
def test_a_contact_is_written_to_in_a_language_of_their_own(world: World) -> None:
    owed = creditor(world, locale="en")
    firms = {}
    for name, locale in (("Rasa", "lt"), ("Noam", None), ("Gretchen", "xx")):
        firm = owing(world, owed, f"Firm-{name}", locale="he", vocative="Firma", kind="business")
        contact = add(world.database, Contact, customer_id=firm, name=name, locale=locale)
        with world.database.write() as session:
            session.connection().exec_driver_sql(
                f"UPDATE contact_point SET contact_id = {contact} WHERE customer_id = {firm}"
            )
        firms[firm] = name

    world.loops.settle(world.now)

    said = {firms[row["customer_id"]]: row for row in texts(world)}
    assert {name: row["locale"] for name, row in said.items()} == {
        "Rasa": "lt",
        "Noam": "he",
        "Gretchen": "en",  # nobody wrote in it: the creditor's, as for a customer
    }
    # Nobody knows how her name is bent, and the firm's vocative is not hers.
    assert said["Rasa"]["text"].startswith("Sveiki,\n")


@pytest.mark.parametrize(
    ("known", "opening"),
    [
        ("locale = 'lt', vocative = 'Dana'", "Sveiki, Dana,"),
        ("locale = 'lt', vocative = 'Dana', formality = 'informal'", "Labas, Dana,"),
        ("gender = 'f'", "תוכלי לבחור"),
        ("given_name = 'Dina'", "Dina"),
    ],
)
def test_a_text_that_addresses_somebody_otherwise_by_now_is_written_anew(
    world: World, known: str, opening: str
) -> None:
    owing(world, creditor(world), "Dana", given_name="Dana", locale="he")
    intend(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)
    with world.database.write() as session:
        session.connection().exec_driver_sql(f"UPDATE customer SET {known}")

    assert delivery.gate(drafts) == []

    world.loops.settle(world.now)
    (sent,) = texts(world)
    assert opening in sent["text"]


def texts(world: World) -> list[Any]:
    """The frozen text of every attempt, with whom it was for."""
    with world.database.read() as session:
        return list(
            session.connection()
            .exec_driver_sql(
                "SELECT message.customer_id, attempt.locale, attempt.text FROM attempt"
                " JOIN message ON message.id = attempt.message_id"
            )
            .mappings()
        )
