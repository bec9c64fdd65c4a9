"""What is looked at before an account sends: it answers, knows us, and the senders are its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from channels.twilio_account import account_problem, sender_problem
from channels.twilio_api import TwilioApi
from tests.channels.make import NOON, run
from tests.channels.wire import answer, wire

HOOK = "https://pay.example.com/webhooks/twilio"
NUMBER, SERVICE = "+15005550006", "MG" + "5e" * 16


@pytest.fixture
def local() -> LocalTwilio:
    return LocalTwilio(lambda: NOON)


@pytest.fixture
def api(local: LocalTwilio) -> Iterator[TwilioApi]:
    with served(local.app()) as url:
        made = TwilioApi(ACCOUNT, TOKEN, base_url=url)
        yield made
        run(made.close())


def test_an_account_that_is_well_has_no_problem(api: TwilioApi) -> None:
    assert run(account_problem(api)) is None


def test_a_wrong_token_and_a_dead_address_are_told_apart(api: TwilioApi) -> None:
    stranger = TwilioApi(ACCOUNT, "another", base_url=api.draft(_asks).url.partition("/2010")[0])
    lonely = TwilioApi(ACCOUNT, TOKEN, base_url="http://127.0.0.1:9")

    assert run(account_problem(stranger)) == (
        "Twilio cannot be used: it does not know this account and token"
    )
    assert run(account_problem(lonely)) == "Twilio cannot be used: nobody listens there"
    for one in (stranger, lonely):
        run(one.close())


def test_test_credentials_are_told_as_what_they_are() -> None:
    refused = {"code": 20008, "message": "Test Credentials", "status": 403}
    with wire(answer("403 Forbidden", json.dumps(refused))) as there:
        tried = TwilioApi(ACCOUNT, TOKEN, base_url=there.url)
        problem = run(account_problem(tried))
        run(tried.close())

    assert problem == "Twilio cannot be used: these are test credentials, which send nothing"


def _asks(client: Any) -> object:
    return client.api.v2010.accounts(ACCOUNT).fetch()


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ({NUMBER: HOOK}, None),
        ({}, "+15005550006 is no number of this account"),
        (
            {NUMBER: "https://old.example"},
            f"+15005550006 tells what people write to https://old.example instead of {HOOK}",
        ),
        ({NUMBER: ""}, f"+15005550006 tells what people write to nobody instead of {HOOK}"),
    ],
)
def test_a_number_must_be_ours_and_tell_us_what_people_write(
    api: TwilioApi, local: LocalTwilio, numbers: dict[str, str], problem: str | None
) -> None:
    local.numbers = numbers

    assert run(sender_problem(api, NUMBER, HOOK)) == problem


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ({"inbound_request_url": HOOK, "smart_encoding": False}, None),
        (
            {"inbound_request_url": HOOK, "smart_encoding": True},
            f"{SERVICE} has smart encoding on, which changes texts: switch it off",
        ),
        (None, f"{SERVICE} is no Messaging Service of this account (20404)"),
    ],
)
def test_a_messaging_service_leaves_texts_alone(
    api: TwilioApi, local: LocalTwilio, service: dict[str, Any] | None, problem: str | None
) -> None:
    if service is not None:
        local.services[SERVICE] = service

    assert run(sender_problem(api, SERVICE, HOOK)) == problem


def test_a_name_as_a_sender_is_not_asked_for(api: TwilioApi) -> None:
    assert run(sender_problem(api, "Carmel", HOOK)) is None
