"""SendGrid's events take the ways of all receipts: forged refused, the rest once and forward."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from app.intake.errors import Forged
from app.intake.inbox import intake_tick, receive
from app.intake.sendgrid import SendGridSource
from app.lab.local_sendgrid import LocalSendGrid, TakenRequest, event_of
from app.store.engines import Database
from tests.app.intake.make import MAILBOX, Scene, add_message
from tests.databases import on_both_stores
from tests.factories import NOON


@pytest.fixture
def scene(database: Database) -> Scene:
    made = Scene.of(database)
    made.run("UPDATE sender SET provider = 'sendgrid' WHERE medium = 'email'")
    return made


class Caller:
    """SendGrid, calling us."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.server = LocalSendGrid()
        self.source = SendGridSource(self.server.public_key)
        self.attempt = add_message(scene, medium="email", state="unclear", attempt_state="unclear")
        self.taken = TakenRequest(
            "abc.def",
            {
                "personalizations": [
                    {"to": [{"email": MAILBOX}], "custom_args": {"duly_attempt": self.attempt}}
                ]
            },
        )

    def tell(self, *kinds: str, now: datetime = NOON, **more: Any) -> None:
        at = int(now.timestamp())
        events = [event_of(self.taken, kind, 1, at=at, **more) for kind in kinds]
        body, headers = self.server.call(events, at=at)
        receive(self._scene.database, self.source, body, headers, now=now)
        intake_tick(self._scene.database, {"sendgrid": self.source}, now=now)


def test_events_move_forward_once_each_and_clear_up_what_was_unclear(scene: Scene) -> None:
    caller = Caller(scene)

    caller.tell("delivered")
    caller.tell("processed", "deferred", "delivered")

    (message,) = scene.rows("message")
    assert (message["state"], message["delivery"]) == ("accepted", "delivered")
    (attempt,) = scene.rows("attempt")
    assert (attempt["state"], attempt["provider_id"]) == ("accepted", "abc.def")
    kinds = [event["kind"] for event in scene.rows("event")]
    assert sorted(kinds) == ["message_accepted", "message_delivered", "message_sent"]


@on_both_stores
def test_a_bounce_closes_the_mailbox(scene: Scene) -> None:
    Caller(scene).tell("processed", "bounce", status="5.1.1", type="bounce")

    (address,) = scene.rows("address", f"value = '{MAILBOX}'")
    assert (bool(address["valid"]), address["invalid_reason"]) == (False, "address_invalid")
    assert "address_bounced" in scene.signals()


@pytest.mark.parametrize("kind", ["spamreport", "unsubscribe", "group_unsubscribe"])
def test_a_stop_takes_effect_before_the_call_is_answered(scene: Scene, kind: str) -> None:
    before = scene.guard()
    caller = Caller(scene)
    at = int(NOON.timestamp())
    body, headers = caller.server.call([event_of(caller.taken, kind, 1, at=at)], at=at)

    receive(scene.database, caller.source, body, headers, now=NOON)

    assert scene.rows("suppression", f"address_id = {scene.address(MAILBOX)}")
    assert scene.guard() > before


def test_a_forged_call_changes_nothing_and_is_counted(scene: Scene) -> None:
    with pytest.raises(Forged):
        receive(scene.database, SendGridSource("no key"), b"[]", {}, now=NOON)

    assert [event["kind"] for event in scene.rows("event")] == ["callback_refused"]
    with scene.database.read() as session:
        assert not session.connection().execute(text("SELECT 1 FROM inbound")).all()
