"""Complaints: counted against the last messages of a sender, which a surge of them stops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from app.book.senders import change_sender, read_facts
from app.delivery import breaker
from app.intake.receipts import take_receipts
from app.intake.senders import FEWEST, LAST, PAUSE, REASON, REJECTED_PAUSE, Mark, mark_senders
from app.store.engines import Database
from app.store.rows import Sender, Task
from channels.errors import AddressOptedOut, ContentForbidden, RecipientUnreachable, SenderRejected
from tests.app.intake.make import Scene, add_message, receipt
from tests.factories import NOON


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def sender(scene: Scene, medium: str = "email") -> dict[str, Any]:
    with scene.database.read() as session:
        query = select(Sender).where(Sender.creditor_id == scene.creditor_id)
        return session.exec(query.where(Sender.medium == medium)).one().model_dump()


def sent(scene: Scene, many: int, medium: str = "email") -> None:
    own = sender(scene, medium)["id"]
    with scene.database.write() as session:
        breaker.count(session, good={own: many}, faults=(), now=NOON)


def complain(scene: Scene, times: int, medium: str = "email") -> None:
    with scene.database.write() as session:
        mark_senders(session, [Mark(sender(scene, medium)["id"], "reminder")] * times, NOON)


def test_a_surge_of_complaints_stops_the_sender_and_asks_a_person(scene: Scene) -> None:
    """Three in a thousand of the last two thousand mails."""
    sent(scene, LAST)

    complain(scene, 5)
    assert sender(scene)["paused_until"] is None
    complain(scene, 1)

    own = sender(scene)
    assert (own["paused_until"], own["pause_reason"]) == (NOON + PAUSE, REASON)
    with scene.database.read() as session:
        (task,) = session.exec(select(Task).where(Task.kind == "complaints")).all()
    assert task.detail == {"sender": own["id"], "complaints": 6, "messages": LAST}
    assert sender(scene, "sms")["paused_until"] is None, "another sender is not to blame"


def test_one_angry_reader_of_a_new_sender_is_no_surge(scene: Scene) -> None:
    sent(scene, 10)

    complain(scene, FEWEST - 1)
    assert sender(scene)["paused_until"] is None
    complain(scene, 1)
    assert sender(scene)["paused_until"] is not None


def test_complaints_are_forgotten_after_so_many_messages(scene: Scene) -> None:
    sent(scene, LAST)
    complain(scene, 5)

    sent(scene, LAST)
    complain(scene, 5)

    own = sender(scene)
    assert own["paused_until"] is None
    assert own["complaints"] == [2 * LAST] * 5


def test_texts_are_measured_by_their_own_share_or_the_senders(scene: Scene) -> None:
    sent(scene, LAST, "sms")
    complain(scene, 59, "sms")
    assert sender(scene, "sms")["paused_until"] is None

    with scene.database.write() as session:
        facts = read_facts({"complaint_share": "0.001"})
        change_sender(session, sender(scene, "sms")["id"], facts, NOON)
    complain(scene, 1, "sms")

    assert sender(scene, "sms")["paused_until"] is not None


def test_staff_end_the_pause_and_the_count_begins_anew(scene: Scene) -> None:
    sent(scene, LAST)
    complain(scene, 6)

    with scene.database.write() as session:
        change_sender(session, sender(scene)["id"], {}, NOON)
    complain(scene, 1)

    own = sender(scene)
    assert own["paused_until"] is None
    assert own["complaints"] == [LAST]


def test_a_rejection_does_not_shorten_the_pause(scene: Scene) -> None:
    complain(scene, FEWEST)
    own = sender(scene)["id"]

    rejected = Mark(own, "reminder", SenderRejected("sandbox", "30034"))
    with scene.database.write() as session:
        mark_senders(session, [rejected], NOON)

    assert sender(scene)["paused_until"] == NOON + PAUSE


def test_a_sender_that_a_carrier_rejects_later_is_paused_like_one_that_is_refused_at_once(
    scene: Scene,
) -> None:
    """A number that is not registered is told in a receipt, message by message."""
    error = SenderRejected("sandbox", "30034")
    told = receipt(add_message(scene), "failed", error=error)

    with scene.database.write() as session:
        take_receipts(session, [told], now=NOON)

    own = sender(scene, "sms")
    assert (own["paused_until"], own["pause_reason"]) == (NOON + REJECTED_PAUSE, error.sentence)
    assert (own["complaints"], own["stopped_templates"]) == ([], [])
    assert scene.tasks() == ["stop_sender"]


def test_what_providers_tell_of_a_message_is_counted_once(scene: Scene) -> None:
    mail = add_message(scene, medium="email")
    texts = [add_message(scene) for _ in range(3)]
    told = [
        receipt(mail, "complained"),
        receipt(texts[0], "failed", error=AddressOptedOut("sandbox", "21610")),
        receipt(texts[1], "failed", error=ContentForbidden("sandbox", "30007")),
        receipt(texts[2], "failed", error=RecipientUnreachable("sandbox", "30003")),
    ]

    for _ in range(2):
        with scene.database.write() as session:
            take_receipts(session, told, now=NOON)

    assert len(sender(scene)["complaints"]) == 1
    assert len(sender(scene, "sms")["complaints"]) == 2


def test_a_template_that_a_carrier_filters_is_stopped_at_its_sender_with_a_task(
    scene: Scene,
) -> None:
    key = add_message(scene)

    with scene.database.write() as session:
        filtered = receipt(key, "failed", error=ContentForbidden("sandbox", "30007"))
        take_receipts(session, [filtered], now=NOON + timedelta(hours=1))

    (template,) = {row["template"] for row in scene.rows("message")}
    assert sender(scene, "sms")["stopped_templates"] == [template]
    assert sender(scene)["stopped_templates"] == []
    assert scene.tasks() == ["stop_template"]
