"""Texts that WhatsApp approves: submitted once, read back, used where they fit, held where not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from app.delivery.approved_texts import ApprovalReading, keep, missing, submissions, take_word
from app.delivery.calls import Calls
from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from app.store.rows import Address, Reply
from app.wording.samples import shipped
from channels.errors import ProviderUnavailable
from channels.seam import Channel
from channels.twilio_api import TwilioApi
from channels.twilio_content import Content, contents, language_code, submit
from channels.whatsapp_twilio import TwilioWhatsapp
from tests.app.delivery.cast import REMINDED, creditor, intend, owing, sign_all
from tests.databases import on_both_stores
from tests.factories import add
from tests.world import World


@dataclass
class Stage:
    """A world in which WhatsApp is carried by a local Twilio and nobody has another medium."""

    world: World
    local: LocalTwilio
    calls: Calls
    api: TwilioApi

    def submit(self, template: str = "reminder_first", locale: str = "en") -> None:
        for one in submissions(shipped(), template, locale):
            given = {"name": one.name, "locale": one.locale, "body": one.body}
            content = self.calls.run(
                submit(self.api, **given, samples=one.samples, category=one.category)
            )
            assert isinstance(content, Content)
            with self.world.database.write() as session:
                keep(session, one, content, self.world.now)

    def say(self, status: str) -> None:
        """WhatsApp makes up its mind, and Duly reads it."""
        for content in self.local.contents.values():
            content.status = status
        reading = ApprovalReading(
            self.world.database, lambda: contents(self.api), run=self.calls.run
        )
        reading.tick(self.world.now)

    def settle(self) -> None:
        self.world.loops.settle(self.world.now)

    def refusals(self) -> list[str]:
        return [row["reason"] for row in self.world.rows("refusal", "medium = 'whatsapp'")]


@pytest.fixture
def stage(migrated_url: str) -> Iterator[Stage]:
    world = World(migrated_url)
    local = LocalTwilio(world.clock.now)
    with served(local.app()) as url, Calls() as calls:
        api = TwilioApi(ACCOUNT, TOKEN, base_url=url)
        channel: Channel = TwilioWhatsapp(api)
        world.carry({("whatsapp", "twilio"): channel}, run=calls.run)
        owed = creditor(world)
        reached: dict[str, Any] = {"phone": "+972521234567", "email": None}
        reached["preferred_medium"] = "whatsapp"
        owing(world, owed, due_on=REMINDED, **reached)
        world.run(
            "UPDATE sender SET provider = 'twilio', cleared = '{\"whatsapp\": \"Signed\"}'"
            " WHERE medium = 'whatsapp'"
        )
        world.run("UPDATE sender SET active = false WHERE medium <> 'whatsapp'")
        sign_all(world, owed)
        yield Stage(world, local, calls, api)
        calls.run(channel.close())
    world.close()


def test_a_text_leaves_once_it_is_approved_and_says_what_was_rendered(stage: Stage) -> None:
    stage.submit()
    stage.settle()
    waiting = list(stage.local.taken)
    refused = stage.refusals()

    stage.say("approved")
    stage.world.live(until=stage.world.now + timedelta(hours=8), step=timedelta(hours=1))

    assert waiting == []
    assert set(refused) == {"template_not_approved"}
    (taken,) = stage.local.taken
    (attempt,) = stage.world.rows("attempt")
    (link,) = stage.world.rows("link", "purpose = 'pay'")
    assert taken.form["ContentSid"] in stage.local.contents
    assert "{{" not in taken.body
    said = attempt["text"].replace(f"{{{{link:{link['id']}}}}}", "")
    assert [line for line in said.splitlines() if line and line not in taken.body] == []


@on_both_stores
def test_a_text_that_is_paused_in_the_night_holds_its_messages_and_staff_can_see_it(
    stage: Stage,
) -> None:
    stage.submit()
    stage.say("approved")
    intend(stage.world)
    stage.say("paused")

    stage.settle()

    assert stage.local.taken == []
    assert {row["reason"] for row in stage.world.rows("message")} == {"template_not_approved"}
    assert {row["kind"] for row in stage.world.rows("task")} >= {"approved_text"}
    assert stage.world.rows("dunning_case")[0]["look_at"] is not None


def test_who_wrote_within_a_day_is_answered_in_free_words(stage: Stage) -> None:
    wrote(stage)

    stage.settle()

    (taken,) = stage.local.taken
    assert "ContentSid" not in taken.form
    assert taken.body.startswith("Hello")


@pytest.mark.parametrize("other", ["sender_id", "address_id"])
def test_who_wrote_to_another_number_or_from_another_one_is_not(stage: Stage, other: str) -> None:
    """The day is one of two numbers, and not of a customer."""
    (sms,) = stage.world.rows("sender", "medium = 'sms'")
    elsewhere = add(stage.world.database, Address, kind="phone", value="+972521234568")
    wrote(stage, **{other: sms["id"] if other == "sender_id" else elsewhere})

    stage.settle()

    assert stage.local.taken == []
    assert set(stage.refusals()) == {"template_not_approved"}


def wrote(stage: Stage, **changes: int) -> None:
    """The customer said hello an hour ago, on WhatsApp, from their number to ours."""
    (customer,) = stage.world.rows("customer")
    (sender,) = stage.world.rows("sender", "medium = 'whatsapp'")
    (phone,) = stage.world.rows("address", "value = '+972521234567'")
    there = {"address_id": phone["id"], "sender_id": sender["id"]} | changes
    add(
        stage.world.database,
        Reply,
        customer_id=customer["id"],
        medium="whatsapp",
        text="hello",
        received_at=stage.world.now - timedelta(hours=1),
        **there,
    )


@on_both_stores
def test_what_was_submitted_is_not_submitted_again(stage: Stage) -> None:
    wanted = submissions(shipped(), "reminder_first", "he")
    with stage.world.database.write() as session:
        assert missing(session, wanted) == wanted
        keep(session, wanted[0], content("HX" + "1" * 32), stage.world.now)
        assert missing(session, wanted) == wanted[1:]


def content(sid: str, **changes: Any) -> Content:
    made = Content(sid, "a_text", "he", "שלום", status="approved", category="utility")
    return replace(made, **changes)


@on_both_stores
def test_a_change_of_mind_is_told_once_and_only_where_it_matters(stage: Stage) -> None:
    sid, now = "HX" + "1" * 32, stage.world.now
    one = submissions(shipped(), "reminder_first", "he")[0]
    words = [
        content(sid, status="received"),
        content(sid),
        content(sid),
        content(sid, category="marketing"),
        content(sid, category="marketing", status="disabled", reason="quality"),
        content("HX" + "2" * 32, status="rejected"),
    ]
    with stage.world.database.write() as session:
        keep(session, one, content(sid, status="received"), now)
        changed = [take_word(session, [word], now) for word in words]

    assert changed == [[], [one.name], [], [one.name], [one.name], []]
    titles = [row["title"] for row in stage.world.rows("task", "kind = 'approved_text'")]
    assert titles == [
        "WhatsApp made a text marketing",
        "WhatsApp disabled a text that is in use",
    ]


def test_a_provider_that_does_not_answer_changes_nothing(stage: Stage) -> None:
    stage.submit()

    async def silent() -> ProviderUnavailable:
        return ProviderUnavailable("twilio", "connect")

    reading = ApprovalReading(stage.world.database, silent, run=stage.calls.run)

    assert reading.tick(stage.world.now) == 0


@pytest.mark.parametrize(
    ("locale", "code"),
    [("he-IL", "he"), ("he", "he"), ("ar-SA", "ar"), ("en-US", "en_US"), ("en_GB", "en_GB"),
     ("pt-BR", "pt_BR"), ("pt", None), ("ar-AE", "ar_AE"), ("ja", None)],
)  # fmt: skip
def test_a_locale_has_its_code_at_whatsapp(locale: str, code: str | None) -> None:
    assert language_code(locale) == code


def test_every_submission_has_a_sample_for_each_blank_and_a_name_that_whatsapp_takes() -> None:
    for locale in ("en", "he", "ar", "lt"):
        for one in submissions(shipped(), "due_soon", locale):
            assert one.samples
            assert one.name.islower()
            assert one.name.replace("_", "").isalnum()
            assert all(f"{{{{{number}}}}}" in one.body for number in one.samples)
