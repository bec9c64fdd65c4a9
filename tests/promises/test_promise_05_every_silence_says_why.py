"""Promise 5: every message that was not sent says why, in a sentence that staff can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.store.rows import Case, Creditor, Event, Message, Refused, Sender, Suppression
from campaigns.reasons import REASONS, sentence
from channels.sandbox import SandboxWhatsapp
from channels.sandbox_faults import Faults
from tests.databases import on_both_stores
from tests.factories import NOON, add
from tests.promises.stage import Stage, staging

Said = tuple[str, str, Mapping[str, str]]  # where, reason, its blanks

OPENS_AGAIN = ("waiting", "stopped", "expired", "refused")


def silences(stage: Stage) -> Iterator[Said]:
    """Every place in which the database says why something was not said, or not yet."""
    for row in stage.get(Message):
        if row.state in OPENS_AGAIN and (row.state != "waiting" or row.reason is not None):
            yield f"message {row.state}", row.reason, row.reason_params
    for refused in stage.get(Refused):
        yield f"refusal by {refused.asked_by}", refused.reason, refused.params
    for case in stage.get(Case):
        if case.reason is not None:
            yield "case", case.reason, case.reason_params
    for event in stage.get(Event, kind="StepPassed"):
        yield "step", event.payload["reason"], event.payload["params"]


def told(stage: Stage) -> set[str]:
    """The reasons that were given; every one is a sentence without an open blank."""
    found = list(silences(stage))
    for where, reason, params in found:
        words = sentence(reason, params)
        assert "«" not in words, f"{where}: {words}"
        assert "{" not in words, f"{where}: {words}"
        assert words.endswith("."), f"{where}: {words}"
    for row in stage.get(Message):
        assert row.state in ("accepted", "assumed_sent") or row.reason in REASONS
    return {reason for _, reason, _ in found}


def nobody_to_write_to(stage: Stage) -> None:
    stage.owe("Ada", media=())


def opted_out(stage: Stage) -> None:
    stage.opt_out(stage.owe("Ada"))


def suppressed(stage: Stage) -> None:
    stage.owe("Ada")
    word = {"medium": "sms", "reason": "staff", "at": stage.now}
    add(stage.database, Suppression, address_id=1, **word)


def invalid(stage: Stage) -> None:
    stage.owe("Ada")
    stage.run("UPDATE address SET valid = false")


def no_sender(stage: Stage) -> None:
    stage.owe("Ada")
    stage.run("UPDATE sender SET active = false")


def sick_sender(stage: Stage) -> None:
    stage.owe("Ada")
    until = stage.now + timedelta(days=2)
    stage.put(Sender, paused_until=until, pause_reason="errors of its provider")


def not_approved_here(stage: Stage) -> None:
    stage.owe("Ada", media=("whatsapp",))
    stage.run("UPDATE sender SET languages = '[\"he\"]'")


def written_to_today(stage: Stage) -> None:
    """By another creditor of the same person."""
    day = date(2026, 5, 29)
    stage.owe("Ada", person="ada", due_on=day)
    stage.owe("Ada2", person="ada", due_on=day, creditor=stage.second_creditor())


def on_a_saturday(stage: Stage) -> None:
    stage.owe("Ada", due_on=date(2026, 6, 3))
    stage.clock.move_to(datetime(2026, 6, 6, 9, 0, tzinfo=UTC))


def at_night(stage: Stage) -> None:
    stage.owe("Ada", due_on=date(2026, 5, 29))
    stage.clock.move_to(stage.now + timedelta(hours=10))


def nowhere_known(stage: Stage) -> None:
    stage.owe("Ada", zone="Mars/Base", country=None)


def from_an_old_book(stage: Stage) -> None:
    stage.owe("Ada")
    stage.put(Creditor, ledger_as_of=NOON, ledger_max_age_s=60)
    stage.pass_by(minutes=2)


def from_no_book(stage: Stage) -> None:
    stage.owe("Ada")
    stage.run("UPDATE creditor SET ledger_max_age_s = 60")


def too_little(stage: Stage) -> None:
    stage.owe("Ada", amount=300)


def in_the_control_arm(stage: Stage) -> None:
    stage.run("UPDATE campaign SET control_share = 1.0")
    stage.owe("Ada")


def after_an_outage(stage: Stage) -> None:
    stage.owe("Ada")
    stage.loops.enrolment.tick(stage.now)
    stage.pass_by(days=22)


def past_its_limitation(stage: Stage) -> None:
    stage.owe("Ada")
    stage.run("UPDATE invoice SET limitation_on = '2026-05-01'")


BEFORE: Mapping[str, tuple[Callable[[Stage], None], str]] = {
    "no address": (nobody_to_write_to, "no_address"),
    "opted out": (opted_out, "opted_out"),
    "suppressed": (suppressed, "address_suppressed"),
    "invalid": (invalid, "address_invalid"),
    "no sender": (no_sender, "no_sender"),
    "sick sender": (sick_sender, "sender_unhealthy"),
    "not approved": (not_approved_here, "template_not_approved"),
    "gap": (written_to_today, "gap_not_over"),
    "rest day": (on_a_saturday, "rest_day"),
    "night": (at_night, "outside_hours"),
    "unknown zone": (nowhere_known, "unknown_zone"),
    "old book": (from_an_old_book, "ledger_stale"),
    "no book": (from_no_book, "ledger_stale"),
    "too little": (too_little, "condition_false"),
    "control arm": (in_the_control_arm, "control_arm"),
    "outage": (after_an_outage, "superseded"),
    "limitation": (past_its_limitation, "limitation_passed"),
}


on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
"""For many scenes of one kind: what they say is decided without the store."""


@on_sqlite
@pytest.mark.parametrize(("scene", "why"), BEFORE.values(), ids=BEFORE.keys())
def test_what_is_not_said_says_why(stage: Stage, scene: Callable[[Stage], None], why: str) -> None:
    scene(stage)

    stage.tick()

    assert why in told(stage)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("payment", "paid_meanwhile"),
        ("opt_out", "opted_out"),
        ("dispute", "dispute_open"),
        ("hold", "hold"),
        ("promise", "promise_open"),
    ],
)
def test_what_a_stop_held_at_the_gate_says_which(stage: Stage, how: str, why: str) -> None:
    customer = stage.owe("Ada")
    stage.decide()

    stage.deliver(after="prepare", act=lambda: stage.stop(customer, how))

    message = stage.get(Message)[0]
    assert (message.state, message.reason) == ("stopped", why)
    stage.play(days=1)
    assert why in told(stage)


def too_late(stage: Stage) -> None:
    stage.put(Message, valid_until=stage.now)


def closed(stage: Stage) -> None:
    stage.run("UPDATE dunning_case SET phase = 'closed', outcome = 'withdrawn', look_at = NULL")


def cut_off(stage: Stage) -> None:
    stage.run("UPDATE contact_point SET active = false")


def wordless(stage: Stage) -> None:
    stage.run("UPDATE message SET template = 'nothing'")


def without_a_promise(stage: Stage) -> None:
    stage.run("UPDATE message SET template = 'promise_broken'")


MEANWHILE: Mapping[str, tuple[Callable[[Stage], None], str]] = {
    "expired": (too_late, "expired"),
    "closed": (closed, "case_closed"),
    "cut off": (cut_off, "address_invalid"),
    "no template": (wordless, "template_missing"),
    "no variable": (without_a_promise, "variable_missing"),
}


@pytest.mark.parametrize(("scene", "why"), MEANWHILE.values(), ids=MEANWHILE.keys())
def test_what_was_held_between_the_decision_and_the_gate_says_why(
    stage: Stage, scene: Callable[[Stage], None], why: str
) -> None:
    stage.owe("Ada")
    stage.decide()
    scene(stage)

    stage.deliver()

    assert stage.sent() == []
    assert stage.one(Message).reason == why
    assert why in told(stage)


def test_a_cap_that_is_reached_says_which(stage: Stage) -> None:
    """Three messages a week: on the fourth day, one person's fourth creditor waits."""
    stage.owe("Ada", person="ada", due_on=date(2026, 5, 29))
    for name in ("two", "three", "four"):
        creditor = stage.second_creditor(external_id=name)
        stage.owe(f"Ada-{name}", person="ada", due_on=date(2026, 5, 29), creditor=creditor)

    stage.play(days=3)

    assert len(stage.sent()) == 3
    assert "cap_reached" in told(stage)


def test_a_gate_that_grew_old_says_so(stage: Stage) -> None:
    stage.owe("Ada")
    stage.decide()

    stage.deliver(after="gate", act=lambda: stage.pass_by(seconds=3))

    assert "gate_void" in told(stage)


REFUSALS: Mapping[str, tuple[dict[str, Any], str]] = {
    "invalid": ({"refuse": 1.0, "refuse_kinds": ("address_invalid",)}, "provider_refused"),
    "content": ({"refuse": 1.0, "refuse_kinds": ("content_rejected",)}, "provider_refused"),
    "sender": ({"refuse": 1.0, "refuse_kinds": ("sender_rejected",)}, "provider_refused"),
    "later": ({"later": 1.0}, "provider_later"),
    "unclear": ({"timeout_before": 1.0}, "outcome_unclear"),
    "opted out": ({"opted_out_endings": ("1",)}, "provider_refused"),
}


@on_sqlite
@pytest.mark.parametrize(("faults", "why"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_the_provider_did_not_take_says_why(
    migrated_url: str, faults: dict[str, Any], why: str
) -> None:
    with staging(migrated_url, faults=Faults(**faults)) as stage:
        stage.owe("Ada")
        stage.tick()

        message = stage.get(Message)[0]
        assert message.reason == why
        assert "«" not in sentence(why, message.reason_params)
        stage.play(days=2)
        told(stage)


@on_both_stores
def test_a_template_that_whatsapp_has_not_approved_says_so_and_another_medium_speaks(
    stage: Stage,
) -> None:
    stage.owe("Ada", media=("whatsapp", "sms"), preferred_medium="whatsapp")
    strict = SandboxWhatsapp(stage.ledger, approved=[])
    stage.channels = {**stage.channels, ("whatsapp", "sandbox"): strict}
    stage.loops = stage.worker()

    stage.tick()

    assert [sent.medium for sent in stage.sent()] == ["sms"]
    refused = stage.get(Message)[0]
    assert (refused.state, refused.reason) == ("refused", "provider_refused")
    assert "approved" in sentence(refused.reason, refused.reason_params)


@on_sqlite
def test_every_case_that_ended_says_how(stage: Stage) -> None:
    stage.owe("Ada")
    stage.owe("Ben", media=())
    stage.pay(stage.owe("Cyd"))
    stage.owe("Eli", amount=300)

    stage.play(days=64)

    assert {row.phase for row in stage.get(Case)} == {"closed"}
    assert told(stage) >= {"journey_ended", "never_reached"}
