"""A real provider carries to allowed addresses alone until the rules are signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.book.allowed import allow
from app.book.on_call import put_on_call, withdraw_waiver
from app.book.packs import published_packs
from app.book.signoffs import fall_back, sign, signed, unsigned, withdraw
from app.store.publishing import contents, current, publish
from app.wording.crisis import crisis_row
from channels.sandbox import SandboxEmail
from channels.sandbox_ledger import Ledger
from tests.app.delivery import stops
from tests.app.delivery.cast import creditor, gate, intend, owing, sign_all
from tests.databases import on_both_stores
from tests.world import World


class RealEmail(SandboxEmail):
    """A provider whose mails reach people, played by the sandbox."""

    capabilities = replace(SandboxEmail.capabilities, real=True)


@pytest.fixture
def real(migrated_url: str) -> Iterator[World]:
    world = World(migrated_url)
    world.loops = world.worker(channels={("email", "sandbox"): RealEmail(Ledger())})
    yield world
    world.close()


def edit(world: World, pack: str, old: str, new: str) -> None:
    with world.database.write() as session:
        digest = current(session, "pack")[pack]
        text = contents(session, [digest])[digest]
        assert old in text
        publish(session, "pack", pack, text.replace(old, new), now=world.now)
        fall_back(session, world.now)


def waiting(world: World) -> list[tuple[str, str, str]]:
    rows = world.rows("message")
    return [(row["state"], row["reason"], row["reason_params"]) for row in rows]


def test_nothing_real_leaves_before_every_pack_is_signed(real: World) -> None:
    carmel = creditor(real)
    owing(real, carmel)
    intend(real)

    assert gate(real) == []
    ((state, reason, params),) = waiting(real)
    assert (state, reason) == ("waiting", "not_signed_off")
    assert "house" in str(params)

    sign_all(real, carmel, but="house")
    assert gate(real) == []
    ((_, _, params),) = waiting(real)
    assert "house" in str(params)
    assert "," not in str(params), "it names the one that is missing"

    sign_all(real, carmel)
    assert len(gate(real)) == 1


@on_both_stores
def test_an_allowed_address_of_our_own_is_written_to_before(real: World) -> None:
    carmel = creditor(real)
    owing(real, carmel, "A", email="ours@people.example")
    owing(real, carmel, "B")
    with real.database.write() as session:
        assert allow(session, "ours@people.example", by="Dana", note="", now=real.now)
    intend(real)

    assert [item.draft.material.recipient for item in gate(real)] == ["ours@people.example"]


@on_both_stores
def test_nothing_real_leaves_while_nobody_is_on_call_and_nobody_answers_for_that(
    real: World,
) -> None:
    carmel = creditor(real)
    owing(real, carmel)
    sign_all(real, carmel)
    with real.database.write() as session:
        assert withdraw_waiver(session, carmel, by="Dana", now=real.now)
    intend(real)

    assert gate(real) == []
    assert [told[:2] for told in waiting(real)] == [("waiting", "nobody_on_call")]

    with real.database.write() as session:
        put_on_call(session, None, "omer@carmel.example", name="Omer", by="Dana", now=real.now)
    assert len(gate(real)) == 1, "the house's list serves whoever has none"


def test_a_country_whose_line_is_not_verified_waits_until_somebody_has_looked(
    real: World,
) -> None:
    carmel = creditor(real)
    owing(real, carmel, "A", country="IT", zone="Europe/Rome", locale="en")
    owing(real, carmel, "B", country="IL")
    sign_all(real, carmel)
    intend(real)

    assert [row.draft.material.recipient for row in gate(real)] == ["b-1@people.example"]
    ((_, reason, params),) = [told for told in waiting(real) if told[0] == "waiting"]
    assert (reason, "IT" in str(params)) == ("crisis_line_unconfirmed", True)

    row = crisis_row("IT")
    with real.database.write() as session:
        assert sign(session, carmel, [row], by="Dana", note="called", now=real.now) == [row.name]
    assert len(gate(real)) == 1


def test_the_sandbox_needs_no_sign_off(world: World) -> None:
    owing(world, creditor(world))
    intend(world)

    assert len(gate(world)) == 1


@on_both_stores
def test_a_pack_that_changes_is_unsigned_and_a_task_names_its_rows(real: World) -> None:
    carmel = creditor(real)
    sign_all(real, carmel)

    edit(real, "house", "# Our own policy", "# Only a comment of our policy")
    assert real.rows("task") == []

    edit(real, "house", "least: 20h", "least: 22h")
    edit(real, "house", "least: 22h", "least: 22h  # again")
    (task,) = real.rows("task")
    assert task["kind"] == "sign_off"
    assert "HOUSE-GAP" in str(task["detail"])
    assert "HOUSE-HOURS" not in str(task["detail"])
    owing(real, carmel)
    intend(real)
    assert gate(real) == []

    sign_all(real, carmel)
    assert len(gate(real)) == 1
    assert [row["state"] for row in real.rows("task")] == ["done"]


@on_both_stores
def test_a_sign_off_that_is_withdrawn_counts_no_more_and_stays_on_record(real: World) -> None:
    carmel = creditor(real)
    sign_all(real, carmel)
    with real.database.write() as session:
        assert withdraw(session, carmel, "house", by="Omer", now=real.now)
        assert not withdraw(session, carmel, "house", by="Omer", now=real.now)
        packs = published_packs(session)
        left = unsigned(packs, carmel, signed(session, [carmel]))
    assert "house" in {pack.name for pack in left}
    (row,) = real.rows("sign_off", "pack = 'house'")
    assert (row["signed_by"], row["withdrawn_by"]) == ("Dana", "Omer")


def test_what_stops_a_message_is_named_before_the_missing_sign_off(real: World) -> None:
    carmel = creditor(real)
    customer = owing(real, carmel)
    intend(real)
    delivery = real.loops.delivery
    drafts = delivery.prepare(delivery.claim(real.now), real.now)
    with real.database.write() as session:
        stops.withdraw(session, customer, real.now)

    assert delivery.gate(drafts) == []
    ((_, reason, _),) = waiting(real)
    assert reason == "opted_out"
