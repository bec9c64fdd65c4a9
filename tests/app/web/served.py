"""The stand behind a real server, for browsers and for providers that call back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from app.web.app import server_config
from tests.app.web.people import Stand, standing


@contextmanager
def serving(url: str, **changed: Any) -> Iterator[Stand]:
    """The stand on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with standing(url, base_url=base_url, log_level="warning", **changed) as stand:
            server = uvicorn.Server(server_config(stand.app, stand.settings))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            while not server.started:
                time.sleep(0.02)
            try:
                yield stand
            finally:
                server.should_exit = True
                thread.join()
