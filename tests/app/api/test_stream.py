"""Events as they happen: each once, from where the reader left off, of its own creditor."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.types import Message, Receive, Send

from app.api.desk import Desk
from app.api.keys import Caller
from app.api.scopes import Scope
from app.api.stream import MOST_OPEN, Reading
from app.store.journal import Happened, record
from tests.app.api.conftest import Api
from tests.app.web.people import NOW, add_payer


def happen(api: Api, *kinds: str, customer_id: int | None) -> None:
    with api.stand.database.write() as session:
        facts = [Happened(kind, at=NOW, customer_id=customer_id) for kind in kinds]
        record(session, facts, now=NOW)


def reading(api: Api, after: int | None, creditor_id: int | None = 1) -> Reading:
    desk = Desk(api.stand.database, api.stand.clock, b"secret", 100)
    caller = Caller(1, "tests", creditor_id, frozenset({Scope.EVENTS_READ}))
    return Reading(desk, caller, after)


async def heard(stream: Reading, count: int) -> list[dict[str, Any]]:
    """The first events of a stream."""
    found: list[dict[str, Any]] = []
    async for line in stream.lines():
        for part in line.splitlines():
            if part.startswith("data: "):
                found.append(json.loads(part.removeprefix("data: ")))
        if len(found) >= count:
            break
    return found


def test_a_reader_that_was_cut_off_goes_on_where_it_was(api: Api) -> None:
    dana = add_payer(api.stand).customer_id
    happen(api, "first_thing", "second_thing", "third_thing", customer_id=dana)
    (first, *_) = asyncio.run(heard(reading(api, 0), 3))

    rest = asyncio.run(heard(reading(api, first["id"]), 2))

    assert [event["kind"] for event in rest] == ["second_thing", "third_thing"]


def test_a_new_reader_hears_what_happens_from_now_on_and_each_once(api: Api) -> None:
    dana = add_payer(api.stand).customer_id
    happen(api, "before", customer_id=dana)
    stream = reading(api, None)

    async def listen() -> list[dict[str, Any]]:
        hearing = asyncio.create_task(heard(stream, 2))
        await asyncio.sleep(0.2)
        happen(api, "first_thing", customer_id=dana)
        await asyncio.sleep(0.7)
        happen(api, "second_thing", customer_id=dana)
        return await asyncio.wait_for(hearing, 10)

    assert [event["kind"] for event in asyncio.run(listen())] == ["first_thing", "second_thing"]


def test_nothing_of_another_creditor_is_heard(api: Api) -> None:
    dana = add_payer(api.stand).customer_id
    happen(api, "something_happened", customer_id=dana)

    async def listen() -> list[dict[str, Any]]:
        return await asyncio.wait_for(heard(reading(api, 0, creditor_id=2), 1), 1.5)

    try:
        assert asyncio.run(listen()) == []
    except TimeoutError:
        return


def test_whom_nothing_concerns_is_told_how_far_it_has_heard_all(api: Api) -> None:
    dana = add_payer(api.stand).customer_id
    desk = Desk(api.stand.database, api.stand.clock, b"secret", 100)
    other = Caller(1, "tests", 2, frozenset({Scope.EVENTS_READ}))
    stream = Reading(desk, other, 0, settled_s=0, keep_alive_s=0)
    happen(api, "something_happened", customer_id=dana)

    async def listen() -> str:
        lines = stream.lines()
        return [await anext(lines) for _ in range(3)][-1]

    assert asyncio.run(listen()) == ": still here\nid: 1\n\n"


def test_a_key_has_so_many_streams_and_another_its_own(api: Api) -> None:
    keys = {name: f"Bearer {api.key().secret}" for name in ("greedy", "modest")}

    async def opened(key: str) -> tuple[int, asyncio.Task[None]]:
        """The status of a stream, which stays open until its task is cancelled."""
        status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError("nobody leaves")

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                status.set_result(message["status"])

        headers = [(b"authorization", keys[key].encode())]
        scope = {
            "type": "http", "method": "GET", "path": "/api/v1/events/stream", "headers": headers,
            "query_string": b"", "root_path": "", "raw_path": b"/api/v1/events/stream",
        }  # fmt: skip
        task = asyncio.create_task(call(api, scope, receive, send))
        return await asyncio.wait_for(status, 30), task

    async def crowd() -> list[int]:
        streams = [await opened("greedy") for _ in range(MOST_OPEN + 1)]
        streams.append(await opened("modest"))
        streams[0][1].cancel()
        await asyncio.wait([streams[0][1]])
        streams.append(await opened("greedy"))
        for _, task in streams:
            task.cancel()
        await asyncio.wait([task for _, task in streams])
        return [status for status, _ in streams]

    assert asyncio.run(crowd()) == [200] * MOST_OPEN + [429, 200, 200]


async def call(api: Api, scope: dict[str, Any], receive: Receive, send: Send) -> None:
    await api.stand.app(scope, receive, send)
