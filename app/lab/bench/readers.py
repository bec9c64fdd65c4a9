"""Readers of pages, in a process of their own: plain sockets, so that they cost little.

Each keeps its connection and asks for the next page as soon as it has the last. What they are to
ask and what must stand in the answer comes on standard input, one line of JSON a run; what came of
it goes to standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any, Final

from app.delivery.calls import new_loop

Page = Sequence[str]
"""The path, and what must stand in its answer."""

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "


def main() -> None:
    loop = new_loop()
    for line in sys.stdin:
        orders = json.loads(line)
        told = loop.run_until_complete(read(**orders))
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()


async def read(
    *, port: int, readers: int, count: int, first: int, pages: Sequence[Page]
) -> dict[str, Any]:
    """`count` pages in all, from the `first` on and then from the beginning."""
    turns = islice(cycle(pages), first, first + count)
    took: list[float] = []
    began = time.perf_counter()
    wrong = await asyncio.gather(*(_reader(port, turns, took) for _ in range(readers)))
    return {"seconds": time.perf_counter() - began, "took": took, "wrong": sum(wrong)}


async def _reader(port: int, turns: Iterator[Page], took: list[float]) -> int:
    """One reader; answers how many of its pages were not as they should be."""
    wrong = 0
    coming, going = await asyncio.open_connection("127.0.0.1", port)
    for path, *expected in turns:
        began = time.perf_counter()
        going.write(f"GET {path} HTTP/1.1\r\nHost: bench.invalid\r\n\r\n".encode())
        head = (await coming.readuntil(_END)).lower()
        start = head.index(_LENGTH) + len(_LENGTH)
        body = await coming.readexactly(int(head[start : head.index(b"\r", start)]))
        took.append(time.perf_counter() - began)
        said = body.decode()
        is_right = head.startswith(b"http/1.1 200 ") and all(each in said for each in expected)
        wrong += not is_right
    going.close()
    return wrong


if __name__ == "__main__":
    main()
