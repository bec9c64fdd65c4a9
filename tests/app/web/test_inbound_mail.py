"""Mail over the web: `/webhooks/sendgrid-inbound`, and calls that are too large."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.intake.mail_sources import SendGridInbound
from app.intake.together import MOST_LARGE_AT_ONCE
from app.payments.choice import Gateways
from app.web.app import create_app
from app.web.shield import Shield
from app.web.webhooks import LARGEST, LATER
from app.wording.reply_address import token
from tests.app.web.people import ORIGIN, SECRET, Stand, add_payer

TOKEN = "t" * 32
PATH = f"/webhooks/sendgrid-inbound?token={TOKEN}"
MEBIBYTE = 1024 * 1024
SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def caller(stand: Stand) -> Iterator[TestClient]:
    source = SendGridInbound(SECRET.encode(), token=TOKEN)
    gateways = Gateways.of(stand.gateway)
    app = create_app(stand.settings, stand.database, stand.clock, gateways, sources=[source])
    with TestClient(app, base_url=ORIGIN) as opened:
        yield opened


def _mail(stand: Stand, words: str, *, attached: bytes = b"") -> dict[str, str]:
    payer = add_payer(stand, email="dana@example.com", medium="email")
    back = f"answers+{token(SECRET.encode(), payer.message_id)}@carmel.example"
    head = f"From: Dana <dana@example.com>\r\nTo: {back}\r\nSubject: Re: Your account\r\n"
    return {"email": f"{head}\r\n{words}{attached.decode()}"}


@SQLITE
def test_a_stop_in_a_posted_mail_has_taken_effect_when_it_is_answered(
    stand: Stand, caller: TestClient
) -> None:
    files = {name: (None, value) for name, value in _mail(stand, "STOP").items()}

    assert caller.post("/webhooks/sendgrid-inbound", files=files).status_code == 403
    answer = caller.post(PATH, files=files)

    assert (answer.status_code, answer.content) == (200, b"")
    with stand.database.read() as session:
        found = session.connection().exec_driver_sql("SELECT medium, reason FROM suppression")
        assert [tuple(row) for row in found] == [("email", "opted_out")]


@SQLITE
def test_a_mail_of_thirty_megabytes_is_taken(stand: Stand, caller: TestClient) -> None:
    large = _mail(stand, "STOP\r\n> ", attached=b"x" * (30 * MEBIBYTE))
    files = {name: (None, value) for name, value in large.items()}
    assert caller.post(PATH, files=files).status_code == 200


@pytest.mark.parametrize(("path", "limit"), LARGEST.items())
def test_a_call_that_goes_on_for_ever_is_answered_and_not_read_on(path: str, limit: int) -> None:
    sent: list[Any] = []
    read = 0

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            await receive()

    async def receive() -> Message:
        nonlocal read
        read += MEBIBYTE
        return {"type": "http.request", "body": b"x" * MEBIBYTE, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    shield = Shield(reading, policy="", encrypted=False, larger=LARGEST)
    scope = {"type": "http", "method": "POST", "path": path, "headers": []}
    asyncio.run(shield(scope, receive, send))

    assert sent[0]["status"] == 413
    assert read <= limit + MEBIBYTE


@SQLITE
def test_a_call_of_ten_megabytes_is_refused_unread(caller: TestClient) -> None:
    declared = {"content-length": str(10 * MEBIBYTE)}

    assert caller.post("/webhooks/sandbox", headers=declared).status_code == 413
    assert caller.post("/webhooks/sandbox", headers={"content-length": "1e3"}).status_code == 413
    assert caller.post("/webhooks/sandbox", content=b"x" * MEBIBYTE).status_code == 403


@SQLITE
def test_one_large_call_too_many_is_told_to_come_again_before_it_is_read(
    stand: Stand, caller: TestClient
) -> None:
    async def calls() -> list[list[Message]]:
        over = asyncio.Event()
        one_too_many = asyncio.Event()

        async def read() -> Message:
            await over.wait()
            return {"type": "http.request", "body": b"x", "more_body": False}

        async def call() -> list[Message]:
            told: list[Message] = []

            async def send(message: Message) -> None:
                told.append(message)

            await caller.app(_scope(PATH, length=30 * MEBIBYTE), read, send)
            if told[0]["status"] == 503:
                one_too_many.set()
            return told

        async def let_go() -> None:
            await asyncio.wait_for(one_too_many.wait(), 5)
            over.set()

        made = asyncio.gather(*(call() for _ in range(MOST_LARGE_AT_ONCE + 1)))
        await let_go()
        return await made

    answers = asyncio.run(calls())

    assert [each[0]["status"] for each in answers] == [200] * MOST_LARGE_AT_ONCE + [503]
    assert dict(answers[-1][0]["headers"])[b"retry-after"] == LATER.encode()


def _scope(target: str, *, length: int) -> Scope:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"content-length", str(length).encode())],
        "http_version": "1.1",
        "scheme": "https",
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("pay.example.com", 443),
    }
