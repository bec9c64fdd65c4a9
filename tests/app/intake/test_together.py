"""Calls that come at the same time share a commit, and each keeps what `receive` promises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import event

from app.intake.errors import Busy, Forged
from app.intake.inbound import Taken
from app.intake.replies import Written
from app.intake.sources import Heard
from app.intake.together import LARGEST, MOST, MOST_LARGE_AT_ONCE, Together
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


def test_a_flood_finds_no_room_until_somebody_is_answered(scene: Scene) -> None:
    together = Together(scene.database)
    with ExitStack() as inside:
        for _ in range(MOST_LARGE_AT_ONCE):
            inside.enter_context(together.room(LARGEST + 1))
        with pytest.raises(Busy), together.room(None):
            pass
        with together.room(LARGEST):
            pass  # the small ones have a room of their own
    with together.room(LARGEST + 1):
        pass


def test_stops_that_do_not_fit_into_a_slice_are_all_handled_when_they_are_answered(
    scene: Scene,
) -> None:
    slices = []
    event.listen(scene.database.engine, "commit", lambda _connection: slices.append(1))
    texts = [json.dumps({"id": f"t-{n}", "text": "STOP"}).encode() for n in range(MANY)]

    taken = asyncio.run(_all(scene, [*texts, *texts]))

    assert [each.is_new for each in taken if isinstance(each, Taken)] == [True] * MANY + [
        False
    ] * MANY
    assert scene.rows("inbound", "handled_at IS NULL") == []
    assert len(scene.rows("event", "kind = 'text_received'")) == MANY
    assert len(slices) > 2


def _spoilt(text: Written) -> Written:
    return replace(text, at=None)  # type: ignore[arg-type]  # what no column takes


def test_what_is_wrong_with_one_stop_is_noted_and_undoes_no_other(scene: Scene) -> None:
    class Poisonous(Genuine):
        def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
            heard = super().hear(body, headers, now)
            if b"poison" not in body:
                return heard
            return [
                *heard,
                *(_spoilt(each) for each in heard if isinstance(each, Written)),
            ]

    texts = [
        json.dumps({"id": "t-1", "text": "STOP"}).encode(),
        json.dumps({"id": "t-2", "text": "STOP", "poison": 0}).encode(),
        json.dumps({"id": "t-3", "text": "I paid yesterday"}).encode(),
    ]

    async def both() -> list[object]:
        together = Together(scene.database)
        calls = (together.receive(Poisonous(), body, GENUINE, now=NOON) for body in texts)
        return list(await asyncio.gather(*calls, return_exceptions=True))

    assert all(isinstance(each, Taken) for each in asyncio.run(both()))
    (left,) = scene.rows("inbound", "handled_at IS NULL")
    assert "t-2" in left["body"]
    assert left["problem"]
    assert {row["key"] for row in scene.rows("event", "kind = 'text_received'")} == {
        "text:t-1",
        "text:t-3",
    }
