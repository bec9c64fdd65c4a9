"""The stand behind a real server, for browsers and for providers that call back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from app.settings import Settings
from app.web.app import server_config
from tests.app.web.people import Stand, standing


@contextmanager
def serving(url: str, **changed: Any) -> Iterator[Stand]:
    """The stand on a free port of this machine."""
    with (
        a_port() as (listening, base_url),
        standing(url, base_url=base_url, log_level="warning", **changed) as stand,
        answering(stand.app, stand.settings, listening),
    ):
        yield stand


@contextmanager
def a_port() -> Iterator[tuple[socket.socket, str]]:
    """A free port of this machine, and its origin."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def answering(app: ASGIApp, settings: Settings, listening: socket.socket) -> Iterator[None]:
    """Serves an app there while the block lasts."""
    server = uvicorn.Server(server_config(app, settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
