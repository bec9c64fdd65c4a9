"""Means are told once, read by name, and deleted by their own rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.intake.means import About, Told, forget_means, means_kept, read_means, tell_means
from app.store.engines import Database
from app.store.rows import Plan
from campaigns.money import Money
from tests.app.intake.make import Scene
from tests.databases import on_both_stores
from tests.factories import NOON, add

TOLD = Told("ILS", income=Money(800_077, "ILS"), dependants=3)


@on_both_stores
def test_it_is_read_by_name_and_stands_in_no_event_and_no_repr(database: Database) -> None:
    scene = Scene.of(database)
    with database.write() as session:
        empty = tell_means(
            session,
            customer_id=scene.customer_id,
            about=About.PLAN,
            told=Told("ILS"),
            now=NOON,
        )
        assert empty is None
        for told in (Told("ILS", payable=Money(1, "ILS")), TOLD):
            tell_means(
                session, customer_id=scene.customer_id, about=About.PLAN, told=told, now=NOON
            )
    assert len(scene.rows("means")) == 1, "the newest alone is kept"
    with database.write() as session:
        assert read_means(session, scene.customer_id, read_by="Noa", now=NOON) == TOLD
        assert [(row.customer, row.about) for row in means_kept(session)] == [("C1", "plan")]
        with pytest.raises(ValueError, match="who reads"):
            read_means(session, scene.customer_id, read_by=" ", now=NOON)
    (seen,) = scene.rows("event", "kind = 'means_read'")
    assert "Noa" in str(seen["payload"])
    assert "8000" not in repr(TOLD) + str(scene.rows("event"))


def test_it_goes_when_its_time_is_over_or_a_plan_stands(database: Database) -> None:
    scene = Scene.of(database)

    def tell() -> None:
        with database.write() as session:
            tell_means(
                session, customer_id=scene.customer_id, about=About.PLAN, told=TOLD, now=NOON
            )

    def forget(before: timedelta, creditor: int = scene.creditor_id) -> int:
        with database.write() as session:
            return forget_means(session, creditor, NOON + before)

    tell()
    assert forget(timedelta(0)) == 0
    assert forget(timedelta(1), creditor=scene.creditor_id + 1) == 0
    assert forget(timedelta(1)) == 1
    tell()
    add(
        database,
        Plan,
        customer_id=scene.customer_id,
        currency="ILS",
        amount_minor=1,
        agreed_at=NOON + timedelta(hours=1),
        agreed_by="staff",
    )
    assert forget(timedelta(0)) == 1
    assert scene.rows("means") == []
