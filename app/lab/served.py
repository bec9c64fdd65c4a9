"""Runs a web application on a free port of this machine, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from aiohttp import web

from app.delivery.calls import new_loop


@contextmanager
def served(app: web.Application) -> Iterator[str]:
    """The address of the running application."""
    ready: Future[str] = Future()
    loop = new_loop()
    over = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_serve(app, ready, over)))
    thread.start()
    try:
        yield ready.result()
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _serve(app: web.Application, ready: Future[str], over: asyncio.Event) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        ready.set_result(f"http://{host}:{port}")
        await over.wait()
    except BaseException as problem:
        if not ready.done():
            ready.set_exception(problem)
        raise
    finally:
        await runner.cleanup()
