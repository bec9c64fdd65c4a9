"""Calls that are built to hurt, or not what they say: refused, or stored with a reason."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.intake.errors import Forged
from app.intake.inbound import PATIENCE
from app.intake.inbox import intake_tick, receive
from app.intake.sendgrid import SendGridSource
from app.intake.sources import GatewaySource, Source
from app.lab.local_sendgrid import LocalSendGrid
from app.payments.external_gateway import ExternalGateway
from app.payments.sandbox_gateway import HEADER, SandboxGateway
from app.payments.signature import sign
from app.store.engines import Database
from tests.app.intake.make import Scene, add_message
from tests.factories import NOON

SECRET = "a secret of the tests that is long enough"
SANDBOX = GatewaySource(SandboxGateway(secret=SECRET, base_url="http://x.example"))
SENDGRID = LocalSendGrid()
BOMB = b"[" * 200_000


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _signed(body: bytes, source: Source) -> Mapping[str, str]:
    if source.name == "sendgrid":
        return SENDGRID.signed(body, at=int(NOON.timestamp()))
    return {HEADER: sign(body, secret=SECRET, at=NOON)}


def _take(scene: Scene, source: Source, told: Any) -> dict[str, Any]:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    receive(scene.database, source, body, _signed(body, source), now=NOON)
    intake_tick(scene.database, {source.name: source}, now=NOON)
    return scene.rows("inbound")[-1]


def _events(*events: dict[str, Any]) -> list[dict[str, Any]]:
    shared = {"timestamp": int(NOON.timestamp()), "sg_message_id": "m.recvd"}
    return [{**shared, "sg_event_id": f"e-{number}", **e} for number, e in enumerate(events)]


def test_a_json_bomb_goes_off_nowhere(scene: Scene) -> None:
    sendgrid = SendGridSource(SENDGRID.public_key)
    for source in (SANDBOX, sendgrid):
        for bomb in (BOMB, b'{"a":' * 100_000, gzip.compress(b"[]"), b"9" * 10_000):
            assert str(_take(scene, source, bomb)["problem"]).startswith("Unreadable"), source.name
    unsigned = GatewaySource(ExternalGateway(secret=SECRET))
    with pytest.raises(Forged):
        receive(scene.database, unsigned, BOMB, {}, now=NOON)


def test_what_no_column_takes_is_a_persons_and_is_not_repeated_for_ever(scene: Scene) -> None:
    told = {"kind": "checkout_expired", "at": NOON.isoformat(), "checkout_key": "c"}

    _take(scene, SANDBOX, {**told, "session_id": ["a", "list"]})
    intake_tick(scene.database, {"sandbox": SANDBOX}, now=NOON + PATIENCE)

    assert scene.rows("inbound")[0]["problem"]
    assert scene.tasks() == ["callback_problem"]


def test_an_event_that_nobody_knows_yet_is_stored_quietly(scene: Scene) -> None:
    attempt = add_message(scene, medium="email")
    scene.run("UPDATE sender SET provider = 'sendgrid' WHERE medium = 'email'")
    source = SendGridSource(SENDGRID.public_key)
    kinds = ("teleported", "open", "click", "group_resubscribe")

    row = _take(scene, source, _events(*({"event": k, "duly_attempt": attempt} for k in kinds)))

    assert row["handled_at"]
    assert scene.tasks() == []
    assert scene.rows("event") == []
    assert scene.rows("message")[0]["delivery"] is None


def test_a_call_for_somebody_elses_message_waits_and_changes_nothing(scene: Scene) -> None:
    add_message(scene, medium="email")
    source = SendGridSource(SENDGRID.public_key)
    foreign = {"event": "bounce", "type": "bounce", "duly_attempt": "of another house"}

    row = _take(scene, source, _events({"event": "delivered"}, foreign))

    assert (row["handled_at"], row["problem"]) == (None, None)
    assert scene.rows("message")[0]["delivery"] is None
    assert all(address["valid"] for address in scene.rows("address"))
    later = NOON + PATIENCE + timedelta(minutes=1)
    intake_tick(scene.database, {source.name: source}, now=later)
    assert scene.tasks() == ["callback_problem"]


@pytest.mark.parametrize(
    "events",
    [
        [{"event": "delivered", "duly_attempt": "a\0b"}],
        [{"event": "delivered", "duly_attempt": "\ud800"}],
        [{"event": "delivered", "duly_attempt": {"a": 1}, "timestamp": 1e400}],
        [{"event": ["bounce"], "duly_attempt": "x"}],
        ["not an object"],
    ],
)
def test_strange_values_stop_no_other_call(scene: Scene, events: list[Any]) -> None:
    attempt = add_message(scene, medium="email")
    scene.run("UPDATE sender SET provider = 'sendgrid' WHERE medium = 'email'")
    source = SendGridSource(SENDGRID.public_key)
    strange = [e if isinstance(e, str) else {**_events(e)[0]} for e in events]

    _take(scene, source, strange)
    _take(scene, source, _events({"event": "delivered", "duly_attempt": attempt}))

    assert scene.rows("message")[0]["delivery"] == "delivered"
