"""What a batch was written from stands at the gate only while every row of it is the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, SQLModel

from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import Complaint, Consent, Customer, MediumPrior, Notice, Suppression
from tests.app.delivery import stops
from tests.app.delivery.cast import creditor, intend, owing
from tests.databases import on_both_stores
from tests.world import World

Change = Callable[[Session, World], object]


def _sql(statement: str) -> Change:
    return lambda session, _: session.connection().execute(text(statement))


def _row(model: type[SQLModel], **values: Any) -> Change:
    return lambda session, _: insert_rows(session, model, [values])


def _stop(stop: stops.Stop) -> Change:
    def work(session: Session, world: World) -> None:
        customer = session.connection().execute(select(table_of(Customer).c.id)).scalar_one()
        stop(session, customer, world.now)

    return work


def _changes(world: World) -> dict[str, Change]:
    """One of each kind of fact that may stop a message or change its words."""
    now = world.now
    return {
        "a payment": _stop(stops.pay),
        "an opt-out": _stop(stops.withdraw),
        "a dispute": _stop(stops.dispute),
        "a hold": _stop(stops.hold),
        "a promise": _stop(stops.promise),
        "an address that bounced": _sql("UPDATE address SET valid = false"),
        "a suppression that raises no guard": _row(
            Suppression, address_id=1, reason="bounced", at=now
        ),
        "a consent": _row(
            Consent, customer_id=1, medium="email", given=False, at=now, source="page",
            method="ticked",
        ),
        "a contact point that is no more": _sql("UPDATE contact_point SET active = false"),
        "a notice": _row(
            Notice, key="n", customer_id=1, act="first_message", at=now, made_by="staff"
        ),
        "a request": _row(Complaint, customer_id=1, received_at=now, answer_by=now.date()),
        "what a medium is worth": _row(
            MediumPrior, creditor_id=1, medium="email", asked=2, answered=1, counted_at=now
        ),
        "a sender that is rated red": _sql("UPDATE sender SET quality = 'red'"),
        "a sender that pauses": lambda session, _: session.connection().execute(
            text("UPDATE sender SET paused_until = :at"), {"at": now + timedelta(hours=1)}
        ),
        "a sender that is no more": _sql("UPDATE sender SET active = false"),
        "a template that is stopped": _sql(
            "UPDATE sender SET stopped_templates = '[\"due_today\"]'"
        ),
        "the age of the book": _sql("UPDATE creditor SET ledger_max_age_s = 1"),
        "a brand": _sql("UPDATE creditor SET name = 'Galil'"),
        "a language": _sql("UPDATE customer SET locale = 'he'"),
        "a name": _sql("UPDATE customer SET name = 'Ben'"),
        "a custom attribute": _sql("UPDATE customer SET custom = '{\"vip\": true}'"),
        "a number": _sql("UPDATE address SET value = 'b@people.example'"),
        "a due date": _sql("UPDATE invoice SET due_on = '2026-05-01'"),
        "an amount": _sql("UPDATE invoice SET open_minor = open_minor - 1"),
        "a case that closed": _sql("UPDATE dunning_case SET phase = 'closed'"),
        "a campaign's journey": _sql("UPDATE campaign SET journey = 'another'"),
        "a message that was said": _sql("UPDATE message SET clicked_at = updated_at"),
    }  # fmt: skip


@on_both_stores
def test_every_kind_of_fact_between_the_words_and_the_gate_is_seen(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    delivery = world.loops.delivery
    (draft,) = delivery.prepare(delivery.claim(world.now), world.now)
    assert draft.reading is not None
    told, unseen = draft.reading.told, list[str]()

    for what, change in _changes(world).items():
        with world.database.write() as session:
            change(session, world)
            if told.still(session):
                unseen.append(what)
            session.rollback()
    with world.database.write() as session:
        assert told.still(session), "nothing of it was committed"

    assert unseen == []


@on_both_stores
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE address SET valid = false", "address_invalid"),
        ("UPDATE sender SET quality = 'red'", "sender_unhealthy"),
        ("UPDATE creditor SET ledger_as_of = '2020-01-01 00:00:00.000000'", "ledger_stale"),
        ("UPDATE customer SET name = 'Ben'", "facts_changed"),
    ],
)
def test_what_raises_no_guard_stops_it_all_the_same(world: World, change: str, reason: str) -> None:
    owing(world, creditor(world, ledger_as_of=world.now, ledger_max_age_s=3600))
    intend(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)
    with world.database.write() as session:
        session.connection().execute(text(change))

    assert delivery.gate(drafts) == []
    (message,) = world.rows("message")
    assert message["reason"] == reason
