"""A person says what a reply means: the halt ends, and the act is done."""

from datetime import date
from typing import Any

import pytest

from app.hearing.intents import Intent
from app.intake.replies import Written, receive_reply
from app.intake.replies.classing import NotClassed, UnknownReply, class_by_person, replies
from app.store.engines import Database
from campaigns.vocabulary import Medium
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene
from tests.app.intake.reader import Understands
from tests.factories import NOON

WORDS = "hmm, well, you know how it is"


@pytest.fixture
def scene(database: Database) -> Scene:
    made = Scene.of(database)
    _receive(made, "sandbox:1")
    return made


def _receive(scene: Scene, key: str) -> None:
    written = Written(key, Medium.SMS, PHONE, OUR_NUMBER, WORDS, NOON)
    with scene.database.write() as session:
        receive_reply(session, written, now=NOON, reader=Understands(Intent.UNCLEAR))


def _class(scene: Scene, reply_id: int, intent: Intent, **more: Any) -> None:
    reader = Understands(Intent.UNCLEAR)
    with scene.database.write() as session:
        class_by_person(session, reply_id, intent, by="Noa", now=NOON, reader=reader, **more)


def _held(scene: Scene) -> list[str]:
    return [row["kind"] for row in scene.rows("hold", "released_at IS NULL")]


def test_a_promise_that_a_person_read_is_one(scene: Scene) -> None:
    assert _held(scene) == ["reply"]
    _class(scene, 1, Intent.PROMISE, on=date(2026, 6, 5))

    assert [row["amount_minor"] for row in scene.rows("promise")] == [124_050]
    assert _held(scene) == []
    assert scene.tasks() == []
    (reply,) = scene.rows("reply")
    assert (reply["intent"], reply["classed_by"], reply["text"]) == ("promise", "Noa", WORDS)
    assert "hold_released" in scene.signals()
    assert scene.rows("campaign", "name = 'service_answers'") == []  # a machine answers nothing


def test_thanks_let_everything_go_on(scene: Scene) -> None:
    _class(scene, 1, Intent.THANKS)

    assert _held(scene) == []


def test_while_another_reply_waits_the_halt_stays(scene: Scene) -> None:
    _receive(scene, "sandbox:2")
    _class(scene, 1, Intent.THANKS)
    assert _held(scene) == ["reply"]

    _class(scene, 2, Intent.THANKS)
    assert _held(scene) == []


def test_an_opt_out_in_other_words_is_the_persons_on_every_address(scene: Scene) -> None:
    _class(scene, 1, Intent.OPT_OUT)

    assert {row["act"] for row in scene.rows("suppression")} == {"written_reply"}
    assert {row["evidence"] for row in scene.rows("suppression")} == {"reply:1"}
    assert _held(scene) == []


def test_what_is_personal_leaves_the_general_view(scene: Scene) -> None:
    _class(scene, 1, Intent.ILLNESS)

    assert scene.rows("reply")[0]["intent"] == "special"
    assert scene.rows("special_note")[0]["words"] == WORDS
    assert _held(scene) == ["hardship"]


def test_a_wrong_number_is_the_one_that_it_came_from(scene: Scene) -> None:
    _receive(scene, "sandbox:2")
    scene.run("UPDATE reply SET address_id = NULL WHERE id = 1")
    with pytest.raises(NotClassed, match="close it by hand"):
        _class(scene, 1, Intent.WRONG_PERSON)

    _class(scene, 2, Intent.WRONG_PERSON)
    (closed,) = scene.rows("suppression")
    assert (closed["reason"], closed["address_id"]) == ("wrong_person", scene.address())


@pytest.mark.parametrize("intent", [Intent.UNCLEAR, Intent.OPT_IN, Intent.HELP])
def test_some_intents_class_nothing(scene: Scene, intent: Intent) -> None:
    with pytest.raises(NotClassed, match="nothing to class a reply by"):
        _class(scene, 1, intent)
    assert _held(scene) == ["reply"]


def test_the_list_holds_no_words(scene: Scene) -> None:
    with scene.database.read() as session:
        (row,) = replies(session, unread_only=True)
    assert row["customer"] == "C1"
    assert WORDS not in repr(row)

    _class(scene, 1, Intent.THANKS)
    with scene.database.read() as session:
        assert replies(session, unread_only=True) == []
        assert len(replies(session, unread_only=False)) == 1


def test_a_reply_that_is_not_there_says_so(scene: Scene) -> None:
    with pytest.raises(UnknownReply, match="duly reply list"):
        _class(scene, 9, Intent.THANKS)
