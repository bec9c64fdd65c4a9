"""A server on this machine that does with each connection exactly what a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Reply = Callable[[socket.socket], None]

_TLS = b"\x16"  # the first byte of a handshake


@dataclass
class Wire:
    """`url` leads to it; `heard` holds every request as it came."""

    url: str
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def wire(*replies: Reply) -> Iterator[Wire]:
    """Answers the nth request by the nth reply, and every later one by the last."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        there = Wire(f"http://127.0.0.1:{listening.getsockname()[1]}")
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, there, replies, over))
        thread.start()
        try:
            yield there
        finally:
            over.set()
            with suppress(OSError):
                socket.create_connection(listening.getsockname()).close()
            thread.join()


def says(text: str) -> Reply:
    """A reply of raw text, its line breaks made those of the protocol."""
    raw = text.replace("\n", "\r\n").encode()
    return lambda connection: connection.sendall(raw)


def answer(status: str, body: str = "", **headers: str) -> Reply:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return says("\n".join([*lines, "", body]))


def hang_up(connection: socket.socket) -> None:
    connection.close()


def keep_silent(_connection: socket.socket) -> None:
    """The caller waits until it gives up."""


def _serve(
    listening: socket.socket, there: Wire, replies: tuple[Reply, ...], over: threading.Event
) -> None:
    open_ones: list[socket.socket] = []
    talks: list[threading.Thread] = []
    while not over.is_set():
        connection, _ = listening.accept()
        connection.settimeout(10)
        open_ones.append(connection)
        talks.append(threading.Thread(target=_talk, args=(connection, there, replies)))
        talks[-1].start()
    for connection in open_ones:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
    for talk in talks:
        talk.join()


def _talk(connection: socket.socket, there: Wire, replies: tuple[Reply, ...]) -> None:
    with suppress(OSError):
        while request := _request(connection):
            there.heard.append(request)
            replies[min(len(there.heard), len(replies)) - 1](connection)


def _request(connection: socket.socket) -> bytes:
    """One request with its body; b"" when the caller is gone."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65536)
        if not part:
            return b""
        got += part
        if got.startswith(_TLS):
            return got
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if _is_length(line)), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _is_length(line: bytes) -> bool:
    return line.lower().startswith(b"content-length:")
