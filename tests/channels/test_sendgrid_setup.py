"""What the doctor asks an account at SendGrid, and the sentence for each thing that is amiss."""

import asyncio
from collections.abc import Sequence

import pytest

from app.lab.local_sendgrid import KEY, LocalSendGrid
from channels.sendgrid_setup import Account, problems_of
from tests.channels.wire import answer, wire

WEBHOOK = "https://pay.example.com/webhooks/sendgrid"
CALLS = {"enabled": True, "url": WEBHOOK}


def problems(server: LocalSendGrid, **changes: object) -> Sequence[str]:
    believed = {
        "key": KEY,
        "base_url": server.url,
        "webhook": WEBHOOK,
        "public_key": server.public_key,
        "senders": ["billing@pay.acme.example"],
    }
    account = Account(**(believed | changes))  # type: ignore[arg-type]  # as each test says
    return asyncio.run(problems_of(account))


def test_an_account_that_is_set_up_has_no_problem() -> None:
    with LocalSendGrid(webhook=CALLS, domains=["acme.example"]) as server:
        assert problems(server) == []


def test_each_thing_that_is_amiss_has_its_sentence() -> None:
    with LocalSendGrid(domains=["other.example"]) as server:
        calls, key, domain = problems(server, public_key="another")

    assert WEBHOOK in calls
    assert "DULY_SENDGRID_WEBHOOK_KEY" in key
    assert domain.startswith("pay.acme.example is not authenticated")


def test_a_wrong_key_is_told_alone() -> None:
    with LocalSendGrid(webhook=CALLS) as server:
        (problem,) = problems(server, key="SG.wrong")

    assert "not let in (401)" in problem


def test_nobody_there_is_told_alone() -> None:
    with LocalSendGrid() as server:
        url = server.url

    (problem,) = asyncio.run(
        problems_of(Account(key=KEY, base_url=url, webhook=WEBHOOK, public_key="", senders=[]))
    )
    assert "cannot be reached: unsent" in problem


@pytest.mark.parametrize("body", ["<html>", "[", '"text"'])
def test_whatever_else_answers_there_is_not_believed(body: str) -> None:
    with wire(answer("200 OK", body)) as there:
        account = Account(key=KEY, base_url=there.url, webhook=WEBHOOK, public_key="", senders=[])
        (problem,) = asyncio.run(problems_of(account))

    assert "not what is published" in problem
