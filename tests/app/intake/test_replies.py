"""Opt-outs and replies: the first stop at once, the second wait for a person."""

from datetime import timedelta
from typing import Any

import pytest

from app.hearing.reading import Verdict
from app.intake.opt_outs import StopSaid, opt_out, opt_out_person
from app.intake.replies import ESCALATE_AFTER, ReplyTaken, Written, receive_reply
from app.intake.tidy import end_holds
from app.store.engines import Database
from app.wording.reply_address import way_back, with_token
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium
from tests.app.intake.make import MAILBOX, OUR_NUMBER, PHONE, Scene, add_message, add_namesake
from tests.databases import on_both_stores
from tests.factories import NOON
from tests.world import SECRET


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _written(text: str, **changes: Any) -> Written:
    told: dict[str, Any] = {
        "key": f"sandbox:{text}",
        "medium": Medium.SMS,
        "from_address": PHONE,
        "to_address": OUR_NUMBER,
        "text": text,
        "at": NOON,
    }
    return Written(**(told | changes))


def _receive(scene: Scene, text: str, **changes: Any) -> ReplyTaken:
    with scene.database.write() as session:
        return receive_reply(session, _written(text, **changes), now=NOON)


def _opt_out(scene: Scene, medium: Medium | None, value: str = PHONE) -> bool:
    with scene.database.write() as session:
        said = StopSaid(StopAct.PAGE, medium, "link:1")
        return opt_out(session, said, address_id=scene.address(value), now=NOON)


def _suppressed(scene: Scene) -> list[str | None]:
    return sorted((row["medium"] for row in scene.rows("suppression")), key=str)


def _withdrawn(scene: Scene, customer_id: int) -> list[str]:
    rows = scene.rows("consent", f"customer_id = {customer_id}")
    return [row["medium"] for row in rows if not row["given"]]


def test_stop_by_sms_also_stops_whatsapp_on_the_same_number(scene: Scene) -> None:
    assert _receive(scene, "Stop please.") is ReplyTaken.OPTED_OUT

    assert _suppressed(scene) == ["sms", "whatsapp"]
    assert _withdrawn(scene, scene.customer_id) == ["sms", "whatsapp"]
    assert scene.signals() == ["opted_out"]
    assert scene.rows("case_signal")[0]["own_act"]


def test_stop_on_whatsapp_leaves_sms(scene: Scene) -> None:
    _receive(scene, "הסר", medium=Medium.WHATSAPP)

    assert _suppressed(scene) == ["whatsapp"]


def test_stop_by_mail_leaves_the_number(scene: Scene) -> None:
    _receive(scene, "unsubscribe", medium=Medium.EMAIL, from_address=MAILBOX)

    assert _suppressed(scene) == ["email"]
    assert _withdrawn(scene, scene.customer_id) == ["email"]


def test_no_medium_means_all_of_them(scene: Scene) -> None:
    assert _opt_out(scene, None)

    assert _suppressed(scene) == [None]
    assert _withdrawn(scene, scene.customer_id) == ["sms", "whatsapp"]


def test_opting_out_twice_is_once(scene: Scene) -> None:
    assert _opt_out(scene, Medium.SMS)
    assert not _opt_out(scene, Medium.SMS)
    assert scene.signals() == ["opted_out"]


def test_an_opt_out_after_a_new_consent_is_told_again(scene: Scene) -> None:
    _opt_out(scene, Medium.SMS)
    scene.run(
        "INSERT INTO consent (customer_id, medium, given, at, source, method)"
        " SELECT customer_id, medium, NOT given, at, 'page', 'ticked' FROM consent"
        " WHERE source = 'page' AND medium = 'sms'"
    )

    assert _opt_out(scene, Medium.SMS)
    assert _withdrawn(scene, scene.customer_id) == ["sms", "whatsapp", "sms"]


def test_everybody_who_uses_the_number_hears_of_it(scene: Scene) -> None:
    other = add_namesake(scene)
    before = scene.guard()

    _receive(scene, "STOP")

    told = scene.rows("event", "kind = 'opted_out'")
    assert [event["customer_id"] for event in told] == [scene.customer_id, other]
    assert _withdrawn(scene, other) == ["sms"]
    assert scene.guard() > before
    assert {row["creditor_id"] for row in scene.rows("suppression")} == {None}


@on_both_stores
def test_a_number_that_nobody_knows_is_kept_for_its_import(scene: Scene) -> None:
    assert _receive(scene, "STOP", from_address="+972500000999") is ReplyTaken.OPTED_OUT

    address = scene.address("+972500000999")
    assert {row["address_id"] for row in scene.rows("suppression")} == {address}


def test_a_reply_holds_for_a_while_and_calls_a_person(scene: Scene) -> None:
    before = scene.guard()

    assert _receive(scene, "well, let us see") is ReplyTaken.HELD

    (reply,), (hold,) = scene.rows("reply"), scene.rows("hold")
    assert (reply["text"], reply["intent"]) == ("well, let us see", None)
    assert reply["address_id"] == scene.address()
    assert reply["sender_id"] == scene.rows("sender", f"address = '{OUR_NUMBER}'")[0]["id"]
    assert hold["kind"] == "reply"
    assert scene.tasks() == ["reply"]
    assert scene.signals() == ["reply_received"]
    assert scene.guard() > before
    with scene.database.write() as session:
        assert end_holds(session, NOON + ESCALATE_AFTER) == 1


def test_what_is_probably_an_opt_out_holds_without_an_end(scene: Scene) -> None:
    _receive(scene, "please remove me from this list of yours")

    assert scene.rows("hold")[0]["until"] is None
    assert scene.tasks() == ["opt_out_suspected"]
    with scene.database.write() as session:
        assert end_holds(session, NOON + timedelta(days=400)) == 0


def test_a_text_told_twice_lands_once(scene: Scene) -> None:
    _receive(scene, "when is this due?")

    assert _receive(scene, "when is this due?") is ReplyTaken.KNOWN_ALREADY
    assert len(scene.rows("reply")) == 1
    assert scene.signals() == ["reply_received"]


def test_a_text_from_nobody_known_is_a_task_and_holds_nobody(scene: Scene) -> None:
    taken = _receive(scene, "who are you?", from_address="+972500000999")

    assert taken is ReplyTaken.FROM_NOBODY_KNOWN
    assert scene.tasks() == ["unknown_writer"]
    assert scene.rows("hold") == []


def test_a_reply_belongs_to_the_message_that_it_answers(scene: Scene) -> None:
    other = add_namesake(scene)
    add_message(scene)

    _receive(scene, "who are you?")
    _receive(scene, "hello?")

    assert {reply["customer_id"] for reply in scene.rows("reply")} == {scene.customer_id}
    assert {reply["message_id"] is None for reply in scene.rows("reply")} == {False}
    (point,) = scene.rows("contact_point", f"customer_id = {scene.customer_id} AND medium = 'sms'")
    assert point["answered"] == 1
    assert scene.rows("hold", f"customer_id = {other}") == []


def test_a_reply_that_answers_nothing_holds_everybody_on_that_number(scene: Scene) -> None:
    other = add_namesake(scene)

    _receive(scene, "well, let us see")

    assert [hold["customer_id"] for hold in scene.rows("hold")] == [scene.customer_id, other]


def test_words_stay_on_their_row(scene: Scene) -> None:
    text = "Dana is in hospital, stop writing to her, she is very ill"

    _receive(scene, text, key="sandbox:1")
    _receive(scene, "STOP", key="sandbox:2")

    told = scene.rows("event") + scene.rows("task") + scene.rows("consent") + scene.rows("hold")
    assert "hospital" not in repr(told)
    assert PHONE not in repr(told)
    assert PHONE not in repr(_written(text))


def test_what_staff_notes_down_is_not_the_customers_act(scene: Scene) -> None:
    with scene.database.write() as session:
        said = StopSaid(StopAct.STAFF, Medium.SMS, "letter:1", by="Noa")
        opt_out_person(session, said, customer_id=scene.customer_id, now=NOON)

    assert not scene.rows("case_signal")[0]["own_act"]


def _signed(scene: Scene) -> str:
    """The address that the answer to the scene's mail goes to."""
    (message,) = scene.rows("message")
    return with_token(way_back("answers@carmel.example", message["id"]), SECRET)


def _from_elsewhere(scene: Scene, text: str, to_address: str) -> ReplyTaken:
    changes = {"medium": Medium.EMAIL, "from_address": "dana@work.example"}
    key = f"{text}:{to_address}"
    written = _written(text, key=key, to_address=to_address, **changes)
    with scene.database.write() as session:
        return receive_reply(session, written.read_back(SECRET), now=NOON)


def test_a_reply_from_another_mailbox_is_known_by_what_it_answers(scene: Scene) -> None:
    add_message(scene, medium="email")
    (message,) = scene.rows("message")

    unsigned = _from_elsewhere(scene, "I will pay on Friday", "answers@carmel.example")
    signed = _from_elsewhere(scene, "I will pay on Friday", _signed(scene))

    assert (unsigned, signed) == (ReplyTaken.FROM_NOBODY_KNOWN, ReplyTaken.UNDERSTOOD)
    assert [row["message_id"] for row in scene.rows("reply")] == [message["id"]]
    assert scene.rows("message")[0]["answered_at"]


@on_both_stores
def test_stop_from_another_mailbox_stops_the_one_that_was_written_to(scene: Scene) -> None:
    add_message(scene, medium="email")

    assert _from_elsewhere(scene, "STOP", _signed(scene)) is ReplyTaken.OPTED_OUT
    assert scene.rows("suppression", f"address_id = {scene.address(MAILBOX)}")


def test_a_word_of_return_from_another_mailbox_opens_nothing(scene: Scene) -> None:
    """Mails are passed on: who got one from a friend cannot sign the friend up again."""
    add_message(scene, medium="email")
    _from_elsewhere(scene, "STOP", _signed(scene))

    assert _from_elsewhere(scene, "START", _signed(scene)) is not ReplyTaken.OPTED_IN
    assert scene.rows("suppression", "lifted_at IS NULL")


def test_what_the_provider_took_for_a_stop_is_one_and_is_not_confirmed_twice(scene: Scene) -> None:
    """A keyword of the creditor's own, set up at the provider, which has answered it."""
    taken = _receive(scene, "bring me my bill no more", handled=Verdict.OPT_OUT)

    assert taken is ReplyTaken.OPTED_OUT
    assert _suppressed(scene) == ["sms", "whatsapp"]
    assert scene.rows("dunning_case", "journey_hash <> 'hash'") == [], "nobody is to answer"
    evidence = {row["evidence"] for row in scene.rows("consent") if not row["given"]}
    assert {word.partition(":")[0] for word in evidence} == {"provider"}


def test_who_was_told_by_the_provider_who_we_are_is_told_by_us_no_more(scene: Scene) -> None:
    assert _receive(scene, "pomoc", handled=Verdict.HELP) is ReplyTaken.HELPED

    assert (scene.tasks(), scene.rows("hold"), scene.signals()) == ([], [], [])


def test_a_stop_beside_what_the_provider_took_for_a_question_stops(scene: Scene) -> None:
    assert _receive(scene, "STOP", handled=Verdict.HELP) is ReplyTaken.OPTED_OUT


def test_only_a_word_of_return_that_we_know_opens_whatever_the_provider_took_it_for(
    scene: Scene,
) -> None:
    _receive(scene, "STOP")

    assert _receive(scene, "yes", handled=Verdict.OPT_IN) is ReplyTaken.HELD
    assert _receive(scene, "START", handled=Verdict.OPT_IN) is ReplyTaken.OPTED_IN
