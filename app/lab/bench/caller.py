"""Who calls a web that is measured: a process of its own that does nothing but ask.

It is given requests that are bytes already, keeps its connections, and on each sends the next when
the last is answered. So it costs a fraction of what it measures.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import IO, Final, cast

from app.delivery.calls import new_loop
from app.lab.bench.shares import at_share

PATIENCE: Final = 60.0
"""Seconds until a server that answers nobody is given up."""

WRONG: Final = "wrong"
"""Stands for the status of an answer that lacks what must stand in it."""

_LENGTH: Final = 4  # bytes that tell how long what follows is
_HEAD_END: Final = b"\r\n\r\n"
_DECLARED: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it goes over a connection that is kept, and what must stand in the body of its
    answer."""

    request: bytes = field(repr=False)
    expected: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """How requests were answered: how many by status, in which time, and how long each took
    (ms)."""

    statuses: dict[str, int]
    seconds: float
    p50: float
    p99: float
    longest: float

    @property
    def count(self) -> int:
        """Of those that were answered 200, and rightly."""
        return self.statuses.get("200", 0)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def keep(asked: Iterable[Asked], path: Path) -> None:
    """Writes requests down for `main`."""
    with path.open("wb") as file:
        for each in asked:
            parts = (each.request, *each.expected)
            file.write(len(parts).to_bytes(_LENGTH, "big"))
            for part in parts:
                file.write(len(part).to_bytes(_LENGTH, "big") + part)


def kept(path: Path) -> Iterator[Asked]:
    """What `keep` wrote."""
    with path.open("rb") as file:
        while number := _number(file):
            request, *expected = (file.read(_number(file)) for _ in range(number))
            yield Asked(request, tuple(expected))


def _number(file: IO[bytes]) -> int:
    return int.from_bytes(file.read(_LENGTH), "big")


@dataclass(frozen=True, slots=True)
class Caller:
    """A process that has read the requests and waits for the word."""

    _saying: IO[str]
    _told: IO[str]

    def ask(self, count: int, *, first: int = 0) -> Answered:
        """`count` of them from the `first` on, and after the last from the beginning."""
        self._saying.write(json.dumps([first, count]) + "\n")
        self._saying.flush()
        return Answered(**json.loads(self._told.readline()))


@contextmanager
def calling(path: Path, port: int, *, connections: int) -> Iterator[Caller]:
    """One that has read what `keep` wrote there; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.lab.bench.caller", str(path), str(port), str(connections)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield Caller(process.stdin, process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def call(asked: Iterable[Asked], port: int, *, count: int, connections: int) -> Answered:
    """Asks the first `count` of them, so many at a time."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_call(_Work(iter(asked), left=count), port, connections))


async def _call(work: _Work, port: int, connections: int) -> Answered:
    loop = asyncio.get_running_loop()
    work.over = loop.create_future()
    began = time.perf_counter()
    for _ in range(min(connections, work.left)):
        await loop.create_connection(lambda: _Caller(work), "127.0.0.1", port)
    await asyncio.wait_for(work.over, PATIENCE)
    seconds = time.perf_counter() - began
    took = sorted(work.took)
    return Answered(
        dict(work.statuses),
        seconds,
        *(1000 * each for each in (at_share(took, 0.5), at_share(took, 0.99), took[-1])),
    )


@dataclass(slots=True)
class _Work:
    asked: Iterator[Asked]
    left: int
    statuses: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    over: asyncio.Future[None] | None = None

    def note(self, status: str, seconds: float) -> None:
        self.statuses[status] += 1
        self.took.append(seconds)
        self.left -= 1
        if not self.left and self.over is not None and not self.over.done():
            self.over.set_result(None)


class _Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._heard = b""
        self._began = 0.0
        self._expected: Sequence[bytes] = ()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Of uvloop, whose transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head = self._heard.find(_HEAD_END)
        if head < 0:
            return
        body = head + len(_HEAD_END)
        declared = _DECLARED.search(self._heard, 0, head + 2)
        if len(self._heard) < body + int(declared[1] if declared else 0):
            return
        status = self._heard[9:12].decode("latin-1")
        if status == "200" and any(self._heard.find(each, body) < 0 for each in self._expected):
            status = WRONG
        self._heard = b""
        self._work.note(status, time.perf_counter() - self._began)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._began:  # an answer was owed
            self._work.note("lost", time.perf_counter() - self._began)

    def _next(self) -> None:
        assert self._transport is not None
        asked = next(self._work.asked, None)
        if asked is None:
            self._began = 0.0
            self._transport.close()
            return
        self._expected = asked.expected
        self._began = time.perf_counter()
        self._transport.write(asked.request)


def main(path: str, port: str, connections: str) -> None:
    """Says that it is ready. For each line of input, which says from where on and how many, it
    calls, and says how it was answered."""
    asked = list(kept(Path(path)))
    _say("ready")
    for line in sys.stdin:
        first, count = json.loads(line)
        part = islice(cycle(asked), first, first + count)
        _say(asdict(call(part, int(port), count=count, connections=int(connections))))


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
