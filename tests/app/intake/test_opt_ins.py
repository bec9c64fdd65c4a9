"""What opens again: a stop word by a word of return, an opt-out by evidence, no more."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.book.consent_history import consent_history
from app.book.snapshot_channels import channels
from app.book.withheld import Withheld, suppress_withheld, withhold
from app.intake.opt_ins import Agreement, NoEvidence, give_consent
from app.intake.opt_outs import StopSaid, close_address, opt_out, opt_out_person
from app.intake.replies import ReplyTaken, Written, receive_reply
from app.store.engines import Database
from campaigns.facts import ChannelFact, ConsentState
from campaigns.reach import StopAct
from campaigns.vocabulary import Basis, Category, Medium, Purpose
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene, add_message, add_namesake
from tests.databases import on_both_stores
from tests.factories import NOON

SMS, WHATSAPP = Medium.SMS, Medium.WHATSAPP
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _writes(
    scene: Scene, text: str, *, medium: Medium = SMS, at: datetime = NOON, value: str = PHONE
) -> ReplyTaken:
    written = Written(f"{text}:{medium}:{at}", medium, value, OUR_NUMBER, text, at)
    with scene.database.write() as session:
        return receive_reply(session, written, now=at)


def _stops(scene: Scene, act: StopAct, medium: Medium | None = SMS, **more: Any) -> None:
    with scene.database.write() as session:
        said = StopSaid(act, medium, "evidence:1", **more)
        opt_out(session, said, address_id=scene.address(), now=NOON)


def _gives(scene: Scene, medium: Medium = SMS, **more: Any) -> list[str]:
    agreed = Agreement(medium, Basis.CONSENT, "form 12", "Noa", **more)
    with scene.database.write() as session:
        return list(give_consent(session, scene.customer_id, agreed, now=LATER))


def _channel(scene: Scene, medium: Medium = SMS, customer: int | None = None) -> ChannelFact:
    """As the gate sees it."""
    who = customer or scene.customer_id
    with scene.database.read() as session:
        creditor = scene.rows("customer", f"id = {who}")[0]["creditor_id"]
        found = channels(session, {who: creditor}, LATER)[who]
    (channel,) = [each for each in found if each.medium is medium]
    return channel


def _is_open(scene: Scene, medium: Medium = SMS, customer: int | None = None) -> bool:
    """To reminders."""
    channel = _channel(scene, medium, customer)
    return channel.suppressed is None and channel.consent is ConsentState.GIVEN


@pytest.mark.parametrize("word", ["START", "unstop", "Volver", "RECIBIR", "voltar", "subscribe"])
def test_a_word_of_return_takes_back_the_stop_word_of_the_same_number(
    scene: Scene, word: str
) -> None:
    _writes(scene, "STOP")
    assert not _is_open(scene)

    assert _writes(scene, word, at=LATER) is ReplyTaken.OPTED_IN

    assert _is_open(scene)
    assert _is_open(scene, WHATSAPP)
    assert scene.tasks() == []
    closed = scene.rows("suppression")
    assert [(row["lifted_by"], row["act"]) for row in closed] == [("duly", "reply")] * 2
    assert all(row["lift_evidence"].startswith("exact:") for row in closed)
    again = scene.rows("consent", f"given AND source = 'reply_{SMS}'")
    assert {(row["basis"], row["recorded_by"]) for row in again} == {("consent", "duly")}


def test_everybody_who_was_stopped_by_it_is_back_and_a_second_stop_is_a_new_one(
    scene: Scene,
) -> None:
    other = add_namesake(scene)
    _writes(scene, "STOP")
    _writes(scene, "START", at=LATER)
    assert _is_open(scene, customer=other)

    _writes(scene, "STOP", at=LATER + timedelta(hours=1))

    assert not _is_open(scene)
    assert len(scene.rows("suppression", "lifted_at IS NULL")) == 2
    assert len(scene.rows("suppression")) == 4


@pytest.mark.parametrize(
    "act",
    [
        StopAct.PAGE,
        StopAct.UNSUBSCRIBE_LINK,
        StopAct.LIST_UNSUBSCRIBE,
        StopAct.PROVIDER,
        StopAct.COMPLAINT,
    ],
)
def test_a_word_of_return_lifts_nothing_that_was_said_elsewhere(scene: Scene, act: StopAct) -> None:
    _stops(scene, act)
    _writes(scene, "STOP")

    assert _writes(scene, "START", at=LATER) is ReplyTaken.HELD

    assert not _is_open(scene)
    assert scene.tasks() == ["reply"]  # a person reads what the word could not do


@on_both_stores
def test_nor_what_staff_put_on_record_nor_a_bounce(scene: Scene) -> None:
    said = StopSaid(StopAct.STAFF, SMS, "call:1", by="Noa")
    with scene.database.write() as session:
        opt_out_person(session, said, customer_id=scene.customer_id, now=NOON)
    _writes(scene, "STOP")
    assert _writes(scene, "START", at=LATER) is ReplyTaken.HELD
    assert not _is_open(scene)

    bounce = StopSaid(StopAct.BOUNCE, SMS, "receipt:1")
    with scene.database.write() as session:
        close_address(session, scene.address(), bounce, NOON)
    assert _gives(scene) == ["bounced"]
    assert not _is_open(scene)


def test_a_word_on_whatsapp_leaves_the_stop_by_sms(scene: Scene) -> None:
    _writes(scene, "STOP")

    assert _writes(scene, "START", medium=WHATSAPP, at=LATER) is ReplyTaken.HELD

    assert not _is_open(scene)
    assert not _is_open(scene, WHATSAPP)


def test_start_without_a_stop_is_read_by_a_person(scene: Scene) -> None:
    assert _writes(scene, "START") is ReplyTaken.HELD
    assert scene.tasks() == ["reply"]


@pytest.mark.parametrize("act", [StopAct.PAGE, StopAct.PROVIDER, StopAct.LIST_UNSUBSCRIBE])
def test_evidence_opens_what_was_said_anywhere(scene: Scene, act: StopAct) -> None:
    _stops(scene, act)
    _writes(scene, "STOP")

    assert _gives(scene) == []

    assert _is_open(scene)
    assert not _is_open(scene, WHATSAPP)
    (given,) = scene.rows("consent", "evidence = 'form 12'")
    assert (given["basis"], given["recorded_by"], given["method"]) == ("consent", "Noa", "written")
    lifted = scene.rows("suppression", "lifted_at IS NOT NULL")
    assert {(row["lifted_by"], row["lift_evidence"]) for row in lifted} == {("Noa", "form 12")}
    assert {row["medium"] for row in lifted} == {"sms"}


@on_both_stores
def test_what_was_closed_on_all_media_stays_closed_on_the_others(scene: Scene) -> None:
    _stops(scene, StopAct.PAGE, None)

    assert _gives(scene) == []

    assert _is_open(scene)
    left = scene.rows("suppression", "lifted_at IS NULL")
    assert sorted(row["medium"] for row in left) == ["email", "whatsapp"]
    assert {row["act"] for row in left} == {"page"}


def test_without_evidence_nothing_opens(scene: Scene) -> None:
    _stops(scene, StopAct.PAGE)
    agreed = Agreement(SMS, Basis.CONSENT, "  ", "Noa")
    with scene.database.write() as session, pytest.raises(NoEvidence):
        give_consent(session, scene.customer_id, agreed, now=LATER)


@pytest.mark.parametrize("act", [StopAct.COMPLAINT, StopAct.BOUNCE, StopAct.ERASURE])
def test_evidence_does_not_open_what_nothing_opens(scene: Scene, act: StopAct) -> None:
    with scene.database.write() as session:
        close_address(session, scene.address(), StopSaid(act, SMS, "x:1"), NOON)

    assert _gives(scene) != []
    assert not _is_open(scene)


@on_both_stores
def test_an_erased_address_that_is_brought_again_stays_closed(scene: Scene) -> None:
    secret, named = b"a secret of the tests, 32 bytes long", ("phone", PHONE)
    with scene.database.write() as session:
        withhold(session, secret, [Withheld(named, "sms", None, "opted_out")], NOON)
        suppress_withheld(session, secret, {named: scene.address()}, NOON)

    assert _writes(scene, "START", at=LATER) is ReplyTaken.HELD
    assert _gives(scene) == ["opted_out"]


def test_a_stop_from_before_acts_were_noted_is_opened_by_evidence_alone(scene: Scene) -> None:
    _writes(scene, "STOP")
    scene.run("UPDATE suppression SET act = NULL, said_through = NULL")

    assert _writes(scene, "START", at=LATER) is ReplyTaken.HELD
    assert _gives(scene) == []
    assert _is_open(scene)


def test_a_stop_that_answers_an_offer_is_kept_as_one_and_a_later_stop_widens_it(
    scene: Scene,
) -> None:
    _stops(scene, StopAct.REPLY, answered=Category.OFFER)
    assert {row["category"] for row in scene.rows("suppression")} == {"offer"}
    assert {row["purpose"] for row in scene.rows("consent", "NOT given")} == {"offers"}
    assert _is_open(scene)  # the rules widen it, and the gate asks them
    channel = _channel(scene)
    assert channel.offers_stopped
    assert channel.said_of(Category.OFFER).consent is ConsentState.WITHDRAWN

    _stops(scene, StopAct.REPLY, answered=Category.REMINDER)

    assert not _is_open(scene)
    assert _gives(scene, purpose=Purpose.OFFERS) == ["opted_out"]
    assert not _is_open(scene)


def test_the_category_is_that_of_the_message_that_was_answered(scene: Scene) -> None:
    add_message(scene)
    scene.run("UPDATE message SET category = 'offer'")

    _writes(scene, "STOP", at=LATER)

    assert {row["category"] for row in scene.rows("suppression")} == {"offer"}


@on_both_stores
def test_the_history_tells_all_of_it(scene: Scene) -> None:
    _writes(scene, "STOP")
    _writes(scene, "START", at=LATER)
    with scene.database.write() as session:
        said = StopSaid(StopAct.STAFF, None, "call:1", by="Noa")
        opt_out_person(
            session,
            said,
            customer_id=scene.customer_id,
            purpose=Purpose.OFFERS,
            now=LATER + timedelta(hours=1),
        )

    with scene.database.read() as session:
        history = consent_history(session, scene.customer_id)

    assert history.today == {
        "sms": "given; offers: withdrawn",
        "email": "given; offers: withdrawn",
        "whatsapp": "given; offers: withdrawn",
    }
    assert [row["given"] for row in history.consents if row["medium"] == "sms"] == [
        True, False, True, False,
    ]  # fmt: skip
    assert all(row["lifted_at"] for row in history.closings)
