"""The bench: how many messages a second one process hands to a provider that takes its time.

The provider is a Twilio in a process of its own on this machine. What is measured is all of the
dispatch, from a message that has passed its gate to the answer that is understood; no database.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, cast

from app.clock import SystemClock
from app.delivery.calls import Calls
from app.delivery.claim import Claimed
from app.delivery.dispatch import Addresses, Channels, dispatch
from app.delivery.gate_records import Passed
from app.delivery.prepare import Draft
from app.garbage import rare_collection
from app.lab.bench.report import Aim, Figure, Report, one
from app.lab.bench.rounds import ROUNDS, Progress, Series, Timed, stopwatch
from app.lab.twilio import ACCOUNT, TOKEN
from channels.seam import Accepted
from channels.sms_twilio import TwilioSms
from channels.twilio_api import TwilioApi

ADDRESSES: Final = Addresses("https://bench.invalid", b"the bench's links lead nowhere at all")
TEXT: Final = "Hello Dana, invoice 1042 of 124.50 EUR is open. Pay: {{link:1}} Stop: reply STOP"
FRESH_FOR: Final = timedelta(minutes=1)

AT_LEAST: Final = Aim(at_least=1500)
COSTS: Final = Aim(at_most=450)


def run(
    *,
    messages: int = 10_000,
    batch: int = 500,
    latency_ms: int = 50,
    rounds: int = ROUNDS,
    progress: Progress,
) -> Report:
    """Hands over `messages` in batches, all of a batch at the same time, so many times over."""
    with provider(latency_ms) as (url, _), Calls() as calls:
        runs, peaks = list[Timed](), [_peak()]
        for turn in range(rounds):
            runs.append(_round(url, calls, messages=messages, batch=batch))
            peaks.append(_peak())
            progress(turn + 1, rounds)
    name = f"messages handed over, {batch} at once, {latency_ms} ms each"
    series = Series({name: runs})
    lost = messages * rounds - sum(cast("int", each.checked) for each in runs)
    return Report(
        "dispatch",
        "no store",
        [
            Figure(name, series.per_second(name), "a second", AT_LEAST),
            Figure("our processor for one", series.cpu_us(name), "us", COSTS),
            one("memory at the end of the first round", peaks[1], "MB"),
            one("grown since", peaks[-1] - peaks[1], "MB"),
        ],
        [f"{lost} messages were not accepted"] if lost else [],
    )


def _round(url: str, calls: Calls, *, messages: int, batch: int) -> Timed:
    """What is checked is how many were accepted."""
    clock = SystemClock()
    channel = TwilioSms(TwilioApi(ACCOUNT, TOKEN, base_url=url, callback=url))
    channels: Channels = {("sms", "twilio"): channel}
    accepted = 0
    with rare_collection(), stopwatch() as read:
        for start in range(0, messages, batch):
            numbers = range(start, min(start + batch, messages))
            passed = [_passed(number, clock.now()) for number in numbers]
            tried = calls.run(
                dispatch(passed, channels, ADDRESSES, clock.now, fresh_for=FRESH_FOR, at_once=batch)
            )
            accepted += sum(isinstance(each.outcome, Accepted) for each in tried)
        seconds, cpu_seconds = read()
    calls.run(channel.close())
    return Timed(messages, seconds, cpu_seconds, accepted)


@contextmanager
def provider(latency_ms: int) -> Iterator[tuple[str, int]]:
    """The address of a provider in a process of its own, which ends with the block, and the id of
    that process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.lab.bench.provider", str(latency_ms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the provider ended before it began")
        yield url, process.pid
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _passed(number: int, now: datetime) -> Passed:
    """A message as the gate passes it, of somebody who does not exist."""
    sender = SimpleNamespace(
        address="+15005550006", display_name="Bench", provider="twilio", two_way=True
    )
    rendered = SimpleNamespace(
        subject=None, text=TEXT, html=None, locale="en", template="reminder_first"
    )
    material = SimpleNamespace(recipient=f"+9725500{number % 100_000:05}", copied_to=())
    claimed = Claimed({"medium": "sms"}, cast("Any", sender), {"pay": 1})
    draft = Draft(claimed, cast("Any", None), cast("Any", material), cast("Any", rendered))
    return Passed(draft, number, f"bench-{number}", now, now + timedelta(hours=3))


def _peak() -> float:
    """The most memory that this process had so far, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
