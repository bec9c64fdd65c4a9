"""Which passwords are taken, and that hashing is bounded and constant."""

from __future__ import annotations

import asyncio
import time
from unicodedata import normalize

import pytest

from app.staff import passwords
from app.staff.passwords import (
    AT_ONCE,
    LONGEST,
    PasswordRefused,
    Weakness,
    ensure_strong,
    hashed,
    is_right,
)

GOOD = "four plain words do"


@pytest.mark.parametrize(
    "password",
    [GOOD, "ארבע מילים פשוטות", "كلمات بسيطة جدا", "p a s s w o r d 77 is long", "ž" * 11 + "abcd"],
)
def test_length_is_enough(password: str) -> None:
    ensure_strong(password, "ada.lev@house.example")


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("fourteen chars", Weakness.SHORT),
        ("x1" * LONGEST, Weakness.LONG),
        ("i am Ada.Lev today", Weakness.NAMED),
        ("ada.lev@house.example", Weakness.NAMED),
        ("aaaaaaaaaaaaaaaa", Weakness.COMMON),
        ("password12345678", Weakness.COMMON),
        ("PasswordPassword", Weakness.COMMON),
        ("123456789012345", Weakness.COMMON),
        ("qwertyuiopasdfgh", Weakness.COMMON),
        ("abcdefghijklmnop", Weakness.COMMON),
        ("827364554637281", Weakness.COMMON),
        ("Administrator!2026", Weakness.COMMON),
    ],
)
def test_what_is_tried_first_is_refused_and_why_is_said(password: str, weakness: Weakness) -> None:
    with pytest.raises(PasswordRefused) as refused:
        ensure_strong(password, "ada.lev@house.example")
    assert refused.value.weakness is weakness


def test_every_weakness_has_words() -> None:
    assert all(str(PasswordRefused(weakness)) for weakness in Weakness)


def test_a_password_is_right_on_any_keyboard_and_its_hash_says_nothing() -> None:
    async def tried() -> list[bool]:
        kept = await hashed("café au lait, toujours")
        assert kept.startswith("$argon2id$")
        assert "café" not in kept
        composed = [normalize("NFD", "café au lait, toujours"), "cafe au lait, toujours", ""]
        return [await is_right(each, kept) for each in composed]

    assert asyncio.run(tried()) == [True, False, False]


def test_nobodys_password_takes_as_long_and_is_wrong() -> None:
    async def timed(kept: str | None) -> float:
        began = time.process_time()
        assert not await is_right("not this one at all", kept)
        return time.process_time() - began

    async def both() -> tuple[float, float]:
        kept = await hashed(GOOD)
        await is_right(GOOD, None)  # the hash of nobody is made once
        return min([await timed(kept) for _ in range(3)]), min(
            [await timed(None) for _ in range(3)]
        )

    known, unknown = asyncio.run(both())
    assert unknown > known / 2


def test_hashing_leaves_the_loop_alone_and_is_two_at_once() -> None:
    seen = []

    async def watch(done: asyncio.Event) -> int:
        turns = 0
        while not done.is_set():
            seen.append(passwords._HASHING.borrowed_tokens)
            turns += 1
            await asyncio.sleep(0.001)
        return turns

    async def crowd() -> int:
        done = asyncio.Event()
        watching = asyncio.create_task(watch(done))
        await asyncio.gather(*(hashed(GOOD) for _ in range(4)))
        done.set()
        return await watching

    assert asyncio.run(crowd()) > 4
    assert max(seen) == AT_ONCE == 2
