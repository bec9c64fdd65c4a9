"""Calls that are lost, doubled, late, in any order and forged: each genuine one lands at last."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock

from app.lab.drill_door import PIPE
from app.lab.drill_post import MARK, Post, as_it_is
from app.lab.twilio import TOKEN
from app.lab.twilio_calls import Call, signed

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
LETTERS = 200
DAY = timedelta(days=1)


class Ear:
    """A door that refuses what was forged, and answers every `deaf`th call with nothing."""

    def __init__(self, *, deaf: int = 1000, believes: bool = False) -> None:
        self.heard: list[bytes] = []
        self.forged: list[Call] = []
        self._deaf = deaf
        self._believes = believes
        self._asked = 0
        self._lock = Lock()

    def knock(self, call: Call, now: datetime) -> int | None:
        with self._lock:
            self._asked += 1
            if self._asked % self._deaf == 0:
                return None
            if MARK in call.body:
                self.forged.append(call)
                return 200 if self._believes else 403
            self.heard.append(call.body)
            return 200


def _call(number: int) -> Call:
    return signed("https://drill.example/webhooks/twilio", {"number": str(number)}, TOKEN)


def _full(post: Post, taken: list[int]) -> Post:
    for number in range(LETTERS):
        post.put(str(number), partial(as_it_is, _call(number)), partial(taken.append, number))
    return post


def _delivered(ear: Ear) -> tuple[Post, list[int]]:
    taken: list[int] = []
    post = _full(Post(7), taken)
    for day in range(2):
        for _ in range(30):
            post.deliver(ear, NOW + day * DAY)
    return post, taken


def test_every_letter_arrives_though_tries_are_lost_and_nobody_answers() -> None:
    ear = Ear(deaf=5)
    post, taken = _delivered(ear)

    assert post.waiting == 0
    assert sorted(taken) == list(range(LETTERS))
    assert set(ear.heard) == {_call(number).body for number in range(LETTERS)}


def test_some_are_doubled_some_late_and_none_in_order() -> None:
    ear = Ear()
    taken: list[int] = []
    _full(Post(7), taken).deliver(ear, NOW)

    assert LETTERS // 2 < len(taken) < LETTERS
    assert taken != sorted(taken)
    assert Counter(ear.heard).most_common(1)[0][1] == 2


def test_forged_calls_have_another_body_and_are_counted_when_they_are_believed() -> None:
    wary, trusting = Ear(), Ear(believes=True)
    refused, _ = _delivered(wary)
    believed, _ = _delivered(trusting)

    assert (refused.mishaps.forged, refused.mishaps.believed) == (len(wary.forged), 0)
    assert believed.mishaps.believed == len(trusting.forged) > 5
    signatures = {call.headers["x-twilio-signature"] for call in wary.forged}
    genuine = {_call(number).headers["x-twilio-signature"] for number in range(LETTERS)}
    assert signatures & genuine, "the right signature of another body"
    assert signatures - genuine


def test_the_same_event_is_one_letter() -> None:
    post = Post(7)
    post.put("evt_1", partial(as_it_is, _call(1)))
    post.put("evt_1", partial(as_it_is, _call(1)))

    assert post.waiting == 1


def test_some_come_a_day_late_and_some_before_what_had_happened_earlier() -> None:
    ear, post = Ear(), Post(7)
    for number in range(LETTERS):
        post.put(f"{number}:sent", partial(as_it_is, _call(number)))
        post.put(f"{number}:read", partial(as_it_is, _call(number)), after=f"{number}:sent")
    for _ in range(30):
        post.deliver(ear, NOW)
    waiting = post.waiting
    for _ in range(30):
        post.deliver(ear, NOW + DAY)

    told = post.mishaps
    assert 0 < waiting == told.late < LETTERS // 5
    assert (post.waiting, told.taken) == (0, 2 * LETTERS)
    assert LETTERS // 5 < told.overtaken < LETTERS
    assert min(told.lost, told.doubled) > LETTERS // 5


def test_nobody_forges_what_comes_by_our_own_pipe() -> None:
    ear, post = Ear(), Post(7)
    for number in range(LETTERS):
        post.put(str(number), partial(as_it_is, Call(PIPE, b"mail", {})))
    for _ in range(30):
        post.deliver(ear, NOW)

    assert post.mishaps.forged == 0
