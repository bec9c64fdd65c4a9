"""The two processes that the bench of the intake runs: our web, and a worker that walks."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from socket import socket
from typing import Final

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.clock import SystemClock
from app.delivery.dispatch import Addresses
from app.intake.errors import Forged
from app.intake.inbox import intake_tick, receive
from app.intake.sendgrid import SendGridSource
from app.intake.sources import TARGET, GatewaySource, Source
from app.intake.twilio import TwilioSource
from app.lab.bench.measured import Witness
from app.lab.drill_field import BASE_URL, SECRET
from app.lab.drill_web import settings_for
from app.lab.stripe import LOCAL_KEY, LOCAL_SECRET
from app.lab.twilio import TOKEN
from app.loops.assembly import assemble
from app.payments.choice import Gateways
from app.payments.stripe_gateway import StripeGateway
from app.store.engines import Database
from app.web.app import create_app, server_config
from app.web.webhooks import Doorway

INTAKE_EVERY: Final = 1.0  # seconds, as the setting has it
_IDLE: Final = 0.005  # seconds
_NOWHERE: Final = "http://127.0.0.1:9"


class Way(StrEnum):
    """How the web takes calls in."""

    OURS = "ours"
    PER_REQUEST = "a commit per call"


def serve(orders: Mapping[str, str], witness: Witness, listening: socket, way: Way) -> None:
    """The web as `duly serve --no-loops` runs it."""
    database = witness.watch(Database(orders["database"]))
    settings, clock = settings_for(orders["database"]), SystemClock()
    app = create_app(
        settings, database, clock, Gateways.of(_gateway()), sources=_messengers(orders)
    )
    if way is Way.PER_REQUEST:
        app.add_middleware(Doorway, routes=_per_request(database, clock, sources(orders)))
    witness.ready()
    uvicorn.Server(server_config(app, settings)).run(sockets=[listening])


def walk(orders: Mapping[str, str], witness: Witness) -> None:
    """Once it was asked, walks without a pause, and beside it takes in what the web has left, as
    often as a worker does. It counts the cases that it looked at."""
    database, clock = witness.watch(Database(orders["database"])), SystemClock()
    loops = assemble(database, {}, Addresses(BASE_URL, SECRET), clock.now)
    loops.walk.tick(clock.now())  # what a worker compiles once is no work of the bench
    witness.ready()
    witness.asked.wait()
    threading.Thread(target=_take_in, args=(database, orders, clock), daemon=True).start()
    while True:
        looked = loops.walk.tick(clock.now()).looked
        witness.done += looked
        if not looked:
            time.sleep(_IDLE)


def _take_in(database: Database, orders: Mapping[str, str], clock: SystemClock) -> None:
    callers = {source.name: source for source in sources(orders)}
    while True:
        time.sleep(INTAKE_EVERY)
        intake_tick(database, callers, now=clock.now())
        database.settle_log()


def sources(orders: Mapping[str, str]) -> Sequence[Source]:
    """All who call in this bench."""
    return [GatewaySource(_gateway()), *_messengers(orders)]


def _messengers(orders: Mapping[str, str]) -> list[Source]:
    return [TwilioSource(TOKEN, BASE_URL), SendGridSource(orders["sendgrid_key"])]


def _gateway() -> StripeGateway:
    return StripeGateway(LOCAL_KEY, secret=LOCAL_SECRET, address=_NOWHERE)


def _per_request(database: Database, clock: SystemClock, callers: Sequence[Source]) -> list[Route]:
    """What most would write: each call in a thread and a transaction of its own."""

    def taking(source: Source) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            body = await request.body()
            target = f"{request.url.path}?{request.url.query}".removesuffix("?")
            headers = {**request.headers, TARGET: target}
            try:
                await run_in_threadpool(receive, database, source, body, headers, now=clock.now())
            except Forged:
                return PlainTextResponse("The signature does not fit.\n", 403)
            return Response()

        return take

    return [Route(f"/webhooks/{each.name}", taking(each), methods=["POST"]) for each in callers]
