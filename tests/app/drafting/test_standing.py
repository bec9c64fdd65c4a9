"""Who stands where in a journey, and what an edit does to them: told before, and what then is."""

from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files

import pytest

from app.drafting.standing import Fate, Flight, by_step, flights, positions
from app.engine.catalogue import Catalogue
from app.store.publishing import publish
from campaigns.journey import Journey
from campaigns.language import read_journey
from tests.databases import on_both_stores
from tests.factories import NOON, add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

TEXT = files("campaigns").joinpath("library", "consumer_gentle.yaml").read_text("utf-8")
NAME = "consumer_gentle"


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    made = World(migrated_url)
    creditor_id = add_creditor(made.database)
    add_campaign(made.database, creditor_id)
    for number, overdue in enumerate((0, 0, 4, 22, 36)):
        customer_id = add_customer(made.database, creditor_id, f"C{number}", phone=_phone(number))
        due_on = (NOON - timedelta(days=overdue)).date()
        add_invoice(made.database, customer_id, f"I{number}", due_on=due_on)
    made.loops.settle(made.now)
    yield made
    made.close()


def _phone(number: int) -> str:
    return f"+97252100000{number}"


def _read(text: str) -> Journey:
    return read_journey(text, "consumer_gentle.yaml")


def _found(world: World, text: str = TEXT) -> dict[str | None, int]:
    with world.database.read() as session:
        return dict(by_step(positions(session, NAME), _read(text)))


def _flights(world: World, text: str) -> list[Flight]:
    with world.database.read() as session:
        return flights(positions(session, NAME), _read(TEXT), _read(text))


@on_both_stores
def test_every_open_case_is_counted_at_one_step(world: World) -> None:
    found = _found(world)
    cases = world.rows("dunning_case", "phase <> 'closed'")
    assert sum(found.values()) == len(cases) == 5
    assert found["reminder_first"] == 2
    assert None not in found


def test_a_journey_that_nobody_follows_has_nobody_on_it(world: World) -> None:
    with world.database.read() as session:
        assert positions(session, "details_check") == []


def test_an_edit_of_words_and_days_leaves_everybody_where_they_are(world: World) -> None:
    found = _flights(world, TEXT.replace("day: 10\n", "day: 12\n"))
    assert {each.fate for each in found} == {Fate.STAYS}
    assert sum(each.cases for each in found) == 5


def test_whose_step_is_taken_out_goes_on_with_the_one_behind_it(world: World) -> None:
    step = "  - id: reminder_first\n    day: 3\n    send: reminder_first\n"
    text = TEXT.replace(f"{step}    fallback: {{on_no_delivery: 1d}}\n", "")
    assert text != TEXT
    assert Flight("reminder_first", "reminder_second", Fate.MOVES, 2) in _flights(world, text)


def test_what_is_foretold_is_what_becomes_of_them(world: World) -> None:
    step = "  - id: reminder_first\n    day: 3\n    send: reminder_first\n"
    text = TEXT.replace(f"{step}    fallback: {{on_no_delivery: 1d}}\n", "")
    foretold: dict[str | None, int] = {}
    for each in _flights(world, text):
        foretold[each.later] = foretold.get(each.later, 0) + each.cases

    with world.database.write() as session:
        publish(session, "journey", NAME, text, now=world.now)
    world.loops.settle(world.now)

    assert _found(world, text) == foretold
    with world.database.read() as session:
        catalogue = Catalogue()
        catalogue.refresh(session)
        digest, _ = catalogue.journey(NAME)
    assert {row["journey_hash"] for row in world.rows("dunning_case", "phase <> 'closed'")} == {
        digest
    }


def test_for_whom_nothing_is_left_the_journey_ends(world: World) -> None:
    head = TEXT[: TEXT.index("steps:")]
    steps = ("{id: due_today, day: 0, send: due_today}", "{id: x, day: 1, end: exhausted}")
    text = head + "steps:\n" + "".join(f"  - {step}\n" for step in steps)
    found = _flights(world, text)
    assert {each.later for each in found} == {"x"}
    assert {each.fate for each in found} == {Fate.MOVES}


def test_a_message_that_is_out_goes_out_though_its_step_is_gone(world: World) -> None:
    world.run("UPDATE dunning_case SET phase = 'pending', origin = 'step:gone:1' WHERE id = 1")
    found = _flights(world, TEXT)
    assert Flight("gone", None, Fate.ON_ITS_WAY, 1) in found


def test_who_waits_goes_on_waiting_though_the_wait_is_gone(world: World) -> None:
    world.run("UPDATE dunning_case SET phase = 'waiting', next_step = 'gone' WHERE id = 1")
    found = _flights(world, TEXT)
    assert Flight("gone", None, Fate.WAITS_ON, 1) in found
