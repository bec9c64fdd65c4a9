"""The loop that providers are called on: one for all threads, and answers come back."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.delivery.calls import Calls
from app.store.engines import Ending


async def loop_and(number: int) -> tuple[int, int]:
    await asyncio.sleep(0)
    return id(asyncio.get_running_loop()), number


def test_whoever_calls_is_answered_from_the_same_loop() -> None:
    with Calls() as calls, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: calls.run(loop_and(number)), range(8)))

    assert [number for _, number in answers] == list(range(8))
    assert len({loop for loop, _ in answers}) == 1


def test_what_goes_wrong_is_raised_where_it_was_asked() -> None:
    async def wrong() -> None:
        raise LookupError("nobody there")

    with Calls() as calls, pytest.raises(LookupError, match="nobody there"):
        calls.run(wrong())


def test_who_is_told_to_end_waits_for_no_answer_and_can_still_close() -> None:
    async def hanging() -> None:
        calls.end(within=timedelta(0))
        await asyncio.sleep(60)

    with Calls() as calls:
        with pytest.raises(Ending):
            calls.run(hanging())
        assert calls.run(loop_and(7))[1] == 7


def test_closing_twice_is_fine() -> None:
    calls = Calls()
    calls.close()
    calls.close()
