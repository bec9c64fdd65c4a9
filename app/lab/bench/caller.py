"""Who calls in the bench of the intake: a process of its own that does nothing but post.

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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, cast

from app.delivery.calls import new_loop
from app.lab.bench.shares import at_share

PATIENCE: Final = 60.0
"""Seconds until a server that answers nobody is given up."""

_LENGTH: Final = 4  # bytes that tell how long a request is
_HEAD_END: Final = b"\r\n\r\n"
_DECLARED: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answered:
    """How calls were answered: how many by status, in which time, and how long each took (ms)."""

    statuses: dict[str, int]
    seconds: float
    p50: float
    p99: float
    longest: float

    @property
    def count(self) -> int:
        """Of calls that were taken."""
        return self.statuses.get("200", 0)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def keep(requests: Iterable[bytes], path: Path) -> None:
    """Writes requests down for `main`."""
    with path.open("wb") as file:
        for request in requests:
            file.write(len(request).to_bytes(_LENGTH, "big") + request)


def kept(path: Path) -> Iterator[bytes]:
    """The requests that `keep` wrote."""
    with path.open("rb") as file:
        while length := file.read(_LENGTH):
            yield file.read(int.from_bytes(length, "big"))


@contextmanager
def calling(path: Path, port: int, *, connections: int) -> Iterator[Callable[[], Answered]]:
    """A process that has read the requests and waits for the word; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.lab.bench.caller", str(path), str(port), str(connections)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    saying, told = process.stdin, process.stdout
    try:
        told.readline()

        def go() -> Answered:
            saying.write("go\n")
            saying.flush()
            return Answered(**json.loads(told.readline()))

        yield go
    finally:
        process.kill()
        process.wait()
        saying.close()
        told.close()


def call(requests: Sequence[bytes], port: int, *, connections: int) -> Answered:
    """Posts all of them, so many at a time, each once."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_call(_Work(iter(requests), left=len(requests)), port, connections))


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
    requests: Iterator[bytes]
    left: int
    statuses: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    over: asyncio.Future[None] | None = None

    def note(self, status: str, seconds: float) -> None:
        self.statuses[status] += 1
        self.took.append(seconds)
        self.left -= 1
        if not self.left:
            self.end()

    def end(self) -> None:
        if self.over is not None and not self.over.done():
            self.over.set_result(None)


class _Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._heard = b""
        self._began = 0.0
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
        declared = _DECLARED.search(self._heard, 0, head + 2)
        if len(self._heard) < head + len(_HEAD_END) + int(declared[1] if declared else 0):
            return
        status = self._heard[9:12].decode("latin-1")
        self._heard = b""
        self._work.note(status, time.perf_counter() - self._began)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._began:  # an answer was owed
            self._work.note("lost", time.perf_counter() - self._began)

    def _next(self) -> None:
        assert self._transport is not None
        request = next(self._work.requests, None)
        if request is None:
            self._began = 0.0
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)


def main(path: str, port: str, connections: str) -> None:
    """Says that it is ready; on a line of input it calls, and says how it was answered."""
    requests = list(kept(Path(path)))
    _say("ready")
    sys.stdin.readline()
    _say(asdict(call(requests, int(port), connections=int(connections))))


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
