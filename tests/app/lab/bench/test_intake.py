"""The bench of the intake calls a real web from another process, and checks what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from app.intake.sendgrid import SendGridSource
from app.intake.sources import TARGET, Source
from app.intake.twilio import TwilioSource
from app.lab.bench.caller import Asked, call, keep, kept
from app.lab.bench.intake import run
from app.lab.bench.intake_book import Page, Sent
from app.lab.bench.intake_calls import calls_about, size_for
from app.lab.bench.stores import Postgresql, Sqlite, Store
from app.lab.drill_field import BASE_URL
from app.lab.local_sendgrid import LocalSendGrid
from app.lab.served import Close, listening
from app.lab.stripe import LOCAL_KEY, LOCAL_SECRET
from app.lab.twilio import TOKEN
from app.payments.stripe_gateway import StripeGateway
from tests.factories import NOON
from tests.postgres import Postgres


def test_every_call_of_the_bench_is_signed_as_its_provider_signs(tmp_path: Path) -> None:
    local, size = LocalSendGrid(), size_for(100, due=0)
    texts = [Sent(f"text-{n}", f"SM{n}", f"+9725500{n:05}") for n in range(size.texts)]
    mails = [Sent(f"mail-{n}", f"ML{n}", f"d{n}@people.example") for n in range(size.mails)]
    pages = [Page(f"cs_{n}", f"key-{n}") for n in range(size.pages)]

    calls = calls_about(texts, mails, pages, local, now=NOON)

    sources: dict[str, Source] = {
        "twilio": TwilioSource(TOKEN, BASE_URL),
        "sendgrid": SendGridSource(local.public_key),
    }
    gateway = StripeGateway(LOCAL_KEY, secret=LOCAL_SECRET)
    told: Counter[str] = Counter()
    for asked in calls.requests:
        head, _, body = asked.request.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        target = first.split()[1]
        headers = {**dict(line.split(": ", 1) for line in rest), TARGET: target}
        name = target.removeprefix("/webhooks/").partition("?")[0]
        if name == "stripe":
            told[type(gateway.verify(body, headers, NOON)).__name__] += 1
            continue
        for heard in sources[name].hear(body, headers, NOON + timedelta(minutes=1)):
            told[type(heard).__name__] += 1

    assert told == {"Receipt": 92 + 60, "Written": 8 + 1, "CheckoutPaid": 1}
    assert sum(calls.events.values()) == 92 + 60 + 8 + 1
    assert len({each.request for each in calls.requests}) == calls.count == 8 + 100
    assert calls.first == 92 + 1 + 8 + 1
    keep(calls.requests, tmp_path / "calls")
    assert list(kept(tmp_path / "calls")) == calls.requests


def test_the_caller_counts_answers_what_is_missing_in_one_and_a_broken_connection() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(1000):
            if b"break" in head:
                break
            status = b"403 Forbidden" if b"forged" in head else b"200 OK"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async def listen() -> tuple[int, Close]:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)

        async def close() -> None:
            server.close()

        return server.sockets[0].getsockname()[1], close

    told: list[tuple[str, list[bytes]]] = [
        ("a", [b"ok"]), ("forged", [b"ok"]), ("b", []), ("c", [b"ok", b"HTTP"]), ("break", []),
    ]  # fmt: skip
    asked = [Asked(f"POST /{word} HTTP/1.1\r\n\r\n".encode(), must) for word, must in told]
    with listening(listen) as port:
        answered = call(asked, port, count=len(asked), connections=1)

    assert answered.statuses == {"200": 2, "403": 1, "wrong": 1, "lost": 1}
    assert answered.count == 2
    assert 0 < answered.p50 <= answered.p99 <= answered.longest


@pytest.mark.slow  # it seeds a book and starts a web, a worker and a caller, three times over
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_all_that_is_called_is_on_record_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store: Store = Sqlite(tmp_path)
    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("postgres_server")
        store = Postgresql(server.url("postgres"))

    report = run(
        store,
        folder=tmp_path,
        large=False,
        progress=lambda done, total: None,
        calls=200,
        due=50,
        rounds=1,
    )

    assert report.wrong == []
    assert report.figures[0].unit == "times"
    told = {figure.name: figure.spread.low for figure in report.figures}
    assert told["ours"] > 0
    assert told["ours, during a walk"] > 0
    assert told["ours, longest write of the web"] > 0
