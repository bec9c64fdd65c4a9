"""The bench: how many messages a second one process hands to a provider that takes its time.

The provider is a Twilio in a process of its own on this machine. What is measured is all of the
dispatch, from a message that has passed its gate to the answer that is understood; no database.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
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
from app.lab.twilio import ACCOUNT, TOKEN
from channels.seam import Accepted
from channels.sms_twilio import TwilioSms
from channels.twilio_api import TwilioApi

ADDRESSES: Final = Addresses("https://bench.invalid", b"the bench's links lead nowhere at all")
TEXT: Final = "Hello Dana, invoice 1042 of 124.50 EUR is open. Pay: {{link:1}} Stop: reply STOP"
FRESH_FOR: Final = timedelta(minutes=1)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BenchResult:
    """`cpu_us` is our own processor time a message, `peaks_mb` the most memory that this process
    had so far after each tenth, and `grown_mb` what came after the first."""

    messages: int
    accepted: int
    batch: int
    latency_ms: int
    seconds: float
    per_second: float
    cpu_us: float
    peaks_mb: list[float]

    @property
    def grown_mb(self) -> float:
        return self.peaks_mb[-1] - self.peaks_mb[0]

    def as_json(self) -> dict[str, Any]:
        told = asdict(self) | {"grown_mb": self.grown_mb}
        return {
            name: round(value, 1) if isinstance(value, float) else value
            for name, value in told.items()
        }


def run_bench(*, messages: int, batch: int, latency_ms: int, progress: Progress) -> BenchResult:
    """Hands over `messages` in batches, all of a batch at the same time."""
    clock = SystemClock()
    with rare_collection(), _provider(latency_ms) as url, Calls() as calls:
        channel = TwilioSms(TwilioApi(ACCOUNT, TOKEN, base_url=url, callback=url))
        channels: Channels = {("sms", "twilio"): channel}
        accepted, peaks = 0, list[float]()
        began, used = time.perf_counter(), time.process_time()
        for start in range(0, messages, batch):
            numbers = range(start, min(start + batch, messages))
            passed = [_passed(number, clock.now()) for number in numbers]
            tried = calls.run(
                dispatch(passed, channels, ADDRESSES, clock.now, fresh_for=FRESH_FOR, at_once=batch)
            )
            accepted += sum(isinstance(each.outcome, Accepted) for each in tried)
            if numbers.stop * 10 >= messages * (len(peaks) + 1):
                peaks.append(_peak())
            progress(numbers.stop, messages)
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
        calls.run(channel.close())
    return BenchResult(
        messages,
        accepted,
        batch,
        latency_ms,
        seconds,
        messages / seconds,
        cpu / messages * 1e6,
        peaks,
    )


@contextmanager
def _provider(latency_ms: int) -> Iterator[str]:
    """The address of a provider in a process of its own, which ends with the block."""
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
        yield url
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
