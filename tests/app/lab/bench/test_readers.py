"""Readers count what they read, and notice an answer that is not the one that was asked for."""

import asyncio
from typing import Any

from app.lab.bench.readers import read

GREETING = "Hello Dana"


def test_a_page_without_its_words_and_a_refusal_are_wrong() -> None:
    pages = [("/right", GREETING), ("/another", GREETING), ("/refused", GREETING)]

    told = asyncio.run(_read_from_a_server(pages))

    assert len(told["took"]) == 6
    assert told["wrong"] == 4


async def _read_from_a_server(pages: list[tuple[str, str]]) -> dict[str, Any]:
    async with await asyncio.start_server(_answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await read(port=port, readers=2, count=6, first=0, pages=pages)


async def _answer(asked: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
    while line := await asked.readline():
        if line.startswith(b"GET "):
            body = b"Hello Omar" if b"another" in line else GREETING.encode()
            status = b"404 Not Found" if b"refused" in line else b"200 OK"
            length = str(len(body)).encode()
            answer.write(
                b"HTTP/1.1 " + status + b"\r\nContent-Length: " + length + b"\r\n\r\n" + body
            )
    answer.close()
