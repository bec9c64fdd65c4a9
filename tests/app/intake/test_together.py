"""Calls that come at the same time share a commit, and each keeps what `receive` promises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest
from sqlalchemy import event

from app.intake.errors import Forged
from app.intake.inbound import Taken
from app.intake.sources import Heard
from app.intake.together import LARGEST, MOST, Together
from app.store.engines import Database
from tests.app.intake.make import Scene, add_message
from tests.app.intake.test_inbox import GENUINE, Genuine
from tests.factories import NOON

MANY = 60


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _delivered(key: str) -> bytes:
    return json.dumps({"receipts": [{"key": key, "status": "delivered"}]}).encode()


async def _all(
    scene: Scene, bodies: Sequence[bytes], headers: Mapping[str, str] = GENUINE
) -> list[Taken | BaseException]:
    together = Together(scene.database)
    calls = (together.receive(Genuine(), body, headers, now=NOON) for body in bodies)
    return list(await asyncio.gather(*calls, return_exceptions=True))


def test_many_calls_at_a_time_are_all_stored_in_a_few_transactions(scene: Scene) -> None:
    commits = []
    event.listen(scene.database.engine, "commit", lambda _connection: commits.append(1))

    taken = asyncio.run(_all(scene, [_delivered(f"a-{n}") for n in range(MANY)]))

    assert len(scene.rows("inbound")) == MANY
    assert all(isinstance(each, Taken) and each.is_new for each in taken)
    assert len(commits) <= 3


def test_the_same_call_twice_at_a_time_lands_once(scene: Scene) -> None:
    first, second = asyncio.run(_all(scene, [_delivered("a"), _delivered("a")]))
    (again,) = asyncio.run(_all(scene, [_delivered("a")]))

    (row,) = scene.rows("inbound")
    assert first == Taken(row["id"], is_new=True)
    assert second == again == Taken(row["id"], is_new=False)


def test_a_forged_call_among_others_is_refused_alone(scene: Scene) -> None:
    class Picky(Genuine):
        def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
            if b"forged" in body:
                raise Forged("no")
            if b"broken" in body:
                raise ZeroDivisionError
            return super().hear(body, headers, now)

    async def both() -> list[object]:
        together = Together(scene.database)
        bodies = [_delivered("a"), _delivered("forged"), _delivered("broken"), _delivered("b")]
        calls = (together.receive(Picky(), body, GENUINE, now=NOON) for body in bodies)
        return list(await asyncio.gather(*calls, return_exceptions=True))

    told = [type(each) for each in asyncio.run(both())]

    assert told == [Taken, Forged, ZeroDivisionError, Taken]
    assert len(scene.rows("inbound")) == 2
    assert [row["kind"] for row in scene.rows("event")] == ["callback_refused"]


def test_what_cannot_be_stored_takes_no_other_along(scene: Scene) -> None:
    class Unstorable(Genuine):
        name = "\ud800"

    async def both() -> list[object]:
        together = Together(scene.database)
        calls = (
            together.receive(source, _delivered("a"), GENUINE, now=NOON)
            for source in (Unstorable(), Genuine())
        )
        return list(await asyncio.gather(*calls, return_exceptions=True))

    broken, taken = asyncio.run(both())

    assert isinstance(broken, Exception)
    assert isinstance(taken, Taken)


def test_nobody_waits_for_ever_when_writing_dies_of_what_is_no_exception(scene: Scene) -> None:
    class Panic(BaseException):
        """As a library that is not written in Python dies."""

    class Deadly(Genuine):
        def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
            if b"deadly" in body:
                raise Panic
            return super().hear(body, headers, now)

    async def all_of_them() -> tuple[list[object], Taken]:
        together = Together(scene.database)
        bodies = [_delivered("deadly"), *(_delivered(f"a-{n}") for n in range(MOST + 5))]
        calls = (together.receive(Deadly(), body, GENUINE, now=NOON) for body in bodies)
        told = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
        return list(told), await together.receive(Deadly(), _delivered("b"), GENUINE, now=NOON)

    told, next_one = asyncio.run(all_of_them())

    assert {type(each) for each in told} == {Panic}
    assert next_one.is_new


def test_a_stop_among_others_has_taken_effect_when_it_is_answered(scene: Scene) -> None:
    key = add_message(scene)
    stop = json.dumps({"id": "t-1", "text": "STOP"}).encode()

    asyncio.run(_all(scene, [_delivered(key), stop]))

    assert scene.rows("suppression")
    assert scene.rows("inbound", "handled_at IS NULL")[0]["body"] == _delivered(key).decode()


def test_a_large_call_has_a_transaction_of_its_own(scene: Scene) -> None:
    large = json.dumps({"receipts": [], "fill": "x" * LARGEST}).encode()

    (taken,) = asyncio.run(_all(scene, [large]))

    assert isinstance(taken, Taken)
    assert len(scene.rows("inbound")) == 1
