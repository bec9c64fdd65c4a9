"""What leaves for SendGrid is what its published description allows."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest
from openapi_core.validation.request.exceptions import RequestValidationError

from channels.email_sendgrid import body_of
from channels.seam import Envelope, Medium
from tests.channels.make import envelope

LETTERS: Mapping[str, Mapping[str, Any]] = {
    "whole": {},
    "plain": {"html": None},
    "nameless": {"sender_name": ""},
    "copied": {"cc": ("noa@carmel.example", "lev@carmel.example")},
    "any-language": {"subject": "תזכורת", "text": "تذكير", "sender_name": "Sąskaitos"},
    "threaded": {
        "headers": {
            "List-Unsubscribe": "<https://pay.example.com/u/1>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "References": "<1@acme.example> <2@acme.example>",
            "Reply-To": "billing+t0ken@acme.example",
        }
    },
}


@pytest.fixture(scope="module")
def published(vectors: Path) -> OpenAPI:
    file = vectors / "sendgrid" / "openapi_sendgrid_v3_mail_send_webhooks.json"
    return OpenAPI.from_dict(json.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("name", list(LETTERS))
def test_every_request_is_as_published(published: OpenAPI, name: str) -> None:
    published.validate_request(_request(body_of(letter(name))))


def test_the_description_would_notice_a_request_that_is_not(published: OpenAPI) -> None:
    body = dict(body_of(letter("whole")))
    del body["personalizations"]

    with pytest.raises(RequestValidationError):
        published.validate_request(_request(body))


@pytest.mark.parametrize("name", list(LETTERS))
def test_every_request_has_what_mail_send_cannot_do_without(name: str) -> None:
    """By hand, for where the description is not at hand."""
    body = json.loads(json.dumps(body_of(letter(name))))

    assert set(body["from"]) <= {"email", "name"}
    assert [set(each) <= {"to", "cc", "custom_args"} for each in body["personalizations"]] == [True]
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"][
        : len(body["content"])
    ]
    assert all(part["value"] for part in body["content"])
    assert len(body["subject"]) > 0
    assert all(isinstance(value, str) for value in body["headers"].values())


def letter(name: str) -> Envelope:
    return envelope(Medium.EMAIL, **LETTERS[name])


def _request(body: Mapping[str, Any]) -> MockRequest:
    return MockRequest(
        "http://api.sendgrid.com",
        "post",
        "/v3/mail/send",
        headers={"Authorization": "Bearer SG.1"},
        data=json.dumps(body).encode(),
        content_type="application/json",
    )
