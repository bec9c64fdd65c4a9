"""Runs a server on a free port of this machine, in a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial

from aiohttp import web

from app.delivery.calls import new_loop

Close = Callable[[], Awaitable[None]]
Listen = Callable[[], Awaitable[tuple[int, Close]]]
"""Starts to listen on 127.0.0.1; answers the port, and what ends it."""


@contextmanager
def served(app: web.Application) -> Iterator[str]:
    """The address of the running web application."""
    with listening(partial(_listen, app)) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def listening(listen: Listen) -> Iterator[int]:
    """The port of a server of any kind."""
    ready: Future[int] = Future()
    loop = new_loop()
    over = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_run(listen, ready, over)))
    thread.start()
    try:
        yield ready.result()
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _run(listen: Listen, ready: Future[int], over: asyncio.Event) -> None:
    try:
        port, close = await listen()
    except BaseException as problem:
        ready.set_exception(problem)
        raise
    ready.set_result(port)
    await over.wait()
    await close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _listen(app: web.Application) -> tuple[int, Close]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1]), runner.cleanup
