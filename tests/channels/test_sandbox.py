"""The sandbox channels beyond the contract: receipts, lookups, WhatsApp's own rules."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from channels.delivery import DeliveryStatus
from channels.errors import TemplateNotApproved, WindowClosed
from channels.registry import open_channel
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger
from channels.seam import Accepted, Found, Later, Medium, NotFound, Refused, Unclear
from tests.channels.make import NOON, envelope, run

TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger()
    yield opened
    opened.close()


def test_what_was_said_stands_in_the_ledger_word_for_word(ledger: Ledger) -> None:
    sent = envelope(Medium.EMAIL)

    outcome = run(SandboxEmail(ledger).send(sent))

    (row,) = ledger.acceptances()
    assert outcome == Accepted(row.provider_id, row.accepted_at)
    assert (row.attempt_key, row.medium, row.sender, row.recipient, row.link_token) == (
        sent.attempt_key,
        sent.medium,
        sent.sender,
        sent.recipient,
        sent.link_token,
    )
    assert (row.text, row.subject, row.accepted_at) == (sent.text, sent.subject, NOON)
    assert len(row.text_sha256) == 64


def test_the_same_run_gives_the_same_ids_in_a_new_ledger() -> None:
    outcomes = []
    for _ in range(2):
        ledger = Ledger()
        outcomes.append(run(SandboxSms(ledger).send(envelope())))
        ledger.close()

    assert outcomes[0] == outcomes[1]


def test_receipts_are_due_one_after_the_other(ledger: Ledger) -> None:
    run(SandboxSms(ledger).send(envelope()))

    assert ledger.receipts(until=NOON) == []
    first_due_at = ledger.next_due_at()
    assert first_due_at is not None
    assert _statuses(ledger, first_due_at) == ["sent"]
    assert _statuses(ledger, TOMORROW) == ["sent", "delivered"]


def test_a_receipt_names_its_attempt_and_its_providers_id(ledger: Ledger) -> None:
    outcome = run(SandboxSms(ledger).send(envelope()))

    receipt = ledger.receipts(until=TOMORROW)[0].receipt

    assert isinstance(outcome, Accepted)
    assert (receipt.provider, receipt.provider_id) == ("sandbox", outcome.provider_id)
    assert receipt.attempt_key == envelope().attempt_key


def test_receipts_are_handed_over_again_until_they_are_marked_and_then_never(
    ledger: Ledger,
) -> None:
    run(SandboxSms(ledger).send(envelope()))
    due = ledger.receipts(until=TOMORROW)

    assert ledger.receipts(until=TOMORROW) == due
    assert ledger.mark_handed([each.sequence for each in due], at=TOMORROW) == 2
    assert ledger.mark_handed([each.sequence for each in due], at=TOMORROW) == 0
    assert ledger.mark_handed([], at=TOMORROW) == 0
    assert ledger.receipts(until=TOMORROW) == []
    assert ledger.next_due_at() is None


def test_a_doubled_receipt_is_the_same_report_twice(ledger: Ledger) -> None:
    run(SandboxSms(ledger, faults=Faults(doubled=1)).send(envelope()))

    receipts = [each.receipt for each in ledger.receipts(until=TOMORROW)]

    assert len(receipts) == 4
    assert len(set(receipts)) == len({receipt.receipt_id for receipt in receipts}) == 2


def test_a_lost_message_is_in_the_ledger_and_has_no_receipt(ledger: Ledger) -> None:
    run(SandboxSms(ledger, faults=Faults(lost=1)).send(envelope()))

    assert ledger.count() == 1
    assert ledger.next_due_at() is None


def test_a_failure_is_told_with_its_error(ledger: Ledger) -> None:
    run(SandboxSms(ledger, faults=Faults(fail=1, fail_kinds=("expired",))).send(envelope()))

    last = ledger.receipts(until=TOMORROW)[-1].receipt

    assert last.status is DeliveryStatus.FAILED
    assert last.error is not None
    assert last.error.kind == "expired"


def test_every_status_after_acceptance_is_played_somewhere(ledger: Ledger) -> None:
    run(SandboxWhatsapp(ledger, faults=Faults(read=1)).send(envelope(Medium.WHATSAPP)))
    run(SandboxSms(ledger, faults=Faults(fail=1)).send(envelope()))
    for faults in (Faults(fail=1), Faults(complain=1), Faults(unsubscribe=1)):
        run(SandboxEmail(ledger, faults=faults).send(envelope(Medium.EMAIL)))

    assert set(_statuses(ledger, TOMORROW)) == set(DeliveryStatus) - {DeliveryStatus.ACCEPTED}


def test_a_hidden_message_is_found_after_a_while(ledger: Ledger) -> None:
    channel = SandboxSms(ledger, faults=Faults(timeout_after=1, hidden=1, hidden_for=2))
    assert isinstance(run(channel.send(envelope())), Unclear)

    answers = [run(channel.find(envelope())) for _ in range(3)]

    assert answers[:2] == [NotFound(), NotFound()]
    assert isinstance(answers[2], Found)


def test_a_copy_is_recognised_by_recipient_and_link_token(ledger: Ledger) -> None:
    channel = SandboxSms(ledger)
    outcome = run(channel.send(envelope()))
    assert isinstance(outcome, Accepted)

    copy = envelope(attempt_key="written-down-elsewhere")
    assert run(channel.find(copy)) == Found(outcome.provider_id, NOON)


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "+972500000999"},
        {"link_token": "token-2"},
        {"link_token": None},
        {"sent_at": NOON + timedelta(seconds=1)},
    ],
)
def test_nothing_else_is_taken_for_a_copy(ledger: Ledger, changes: dict[str, object]) -> None:
    channel = SandboxSms(ledger)
    run(channel.send(envelope()))

    assert run(channel.find(envelope(Medium.SMS, attempt_key="other", **changes))) == NotFound()


def test_its_own_acceptance_is_found_before_a_copy(ledger: Ledger) -> None:
    channel = SandboxSms(ledger)
    run(channel.send(envelope(attempt_key="first")))
    own = run(channel.send(envelope(attempt_key="second")))

    assert isinstance(own, Accepted)
    assert run(channel.find(envelope(attempt_key="second"))) == Found(own.provider_id, NOON)


def test_closing_a_channel_leaves_a_ledger_that_it_was_given_open(ledger: Ledger) -> None:
    run(SandboxSms(ledger).close())

    assert isinstance(run(SandboxEmail(ledger).send(envelope(Medium.EMAIL))), Accepted)


def test_closing_a_channel_closes_the_file_that_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    channel = open_channel(Medium.SMS, "sandbox", {"ledger": str(path)})
    run(channel.send(envelope()))

    run(channel.close())

    # The last connection to close takes the write-ahead log away.
    assert [left.name for left in tmp_path.iterdir()] == [path.name]


def test_the_ledger_compares_instants_and_not_their_wall_clocks(ledger: Ledger) -> None:
    run(SandboxSms(ledger).send(envelope()))
    kolkata = timezone(timedelta(hours=5, minutes=30))

    assert ledger.receipts(until=NOON.astimezone(kolkata)) == []


def test_later_tells_how_long_to_wait(ledger: Ledger) -> None:
    faults = Faults(later=1, retry_after=timedelta(seconds=90))

    outcome = run(SandboxSms(ledger, faults=faults).send(envelope()))

    assert isinstance(outcome, Later)
    assert outcome.retry_after == timedelta(seconds=90)


def test_whatsapp_takes_only_what_is_approved_in_the_language(ledger: Ledger) -> None:
    channel = SandboxWhatsapp(ledger, approved={("friendly_reminder", "en")})

    english = run(channel.send(envelope(Medium.WHATSAPP, locale="en")))
    hebrew = run(channel.send(envelope(Medium.WHATSAPP, locale="he")))

    assert isinstance(english, Accepted)
    assert isinstance(hebrew, Refused)
    assert isinstance(hebrew.error, TemplateNotApproved)


@pytest.mark.parametrize(
    ("heard_at", "is_open"),
    [
        (None, False),
        (NOON - timedelta(hours=24), True),
        (NOON - timedelta(hours=24, seconds=1), False),
        (NOON - timedelta(hours=24, minutes=1), False),
    ],
)
def test_vector_20_free_text_on_whatsapp_wants_an_open_window(
    ledger: Ledger, heard_at: datetime | None, is_open: bool
) -> None:
    free = envelope(Medium.WHATSAPP, template="")
    if heard_at:
        ledger.hear(free.recipient, at=heard_at)
        ledger.hear(free.recipient, at=heard_at - timedelta(days=3))  # told late

    outcome = run(SandboxWhatsapp(ledger).send(free))

    assert isinstance(outcome, Accepted) == is_open
    if isinstance(outcome, Refused):
        assert isinstance(outcome.error, WindowClosed)
        approved = envelope(Medium.WHATSAPP)  # the way that stays open: an approved template
        assert isinstance(run(SandboxWhatsapp(ledger).send(approved)), Accepted)


def test_an_empty_text_is_refused(ledger: Ledger) -> None:
    assert isinstance(run(SandboxSms(ledger).send(envelope(text=""))), Refused)


def test_it_stands_for_the_provider_that_it_plays(ledger: Ledger) -> None:
    assert SandboxSms(ledger).stands_for == "twilio"
    assert SandboxEmail(ledger).stands_for == "sendgrid"
    assert SandboxWhatsapp(ledger).stands_for == "whatsapp"
    assert SandboxSms(ledger, stands_for="pigeon").stands_for == "pigeon"


def test_channels_from_settings_share_a_ledger_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    settings = {"ledger": str(path), "stands_for": "pigeon"}
    whatsapp = open_channel(
        Medium.WHATSAPP, "sandbox", settings | {"approved": "friendly_reminder/en, other/he"}
    )
    sms = open_channel(Medium.SMS, "sandbox", settings | {"dead_endings": "99"})

    outcomes = [
        run(whatsapp.send(envelope(Medium.WHATSAPP))),
        run(whatsapp.send(envelope(Medium.WHATSAPP, locale="he"))),
        run(sms.send(envelope())),
        run(sms.send(envelope(recipient="+97250000099"))),
    ]

    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [True, False, True, False]
    assert sms.stands_for == "pigeon"
    for channel in (whatsapp, sms):
        run(channel.close())
    ledger = Ledger(path)
    assert ledger.count() == 2
    ledger.close()


@pytest.mark.parametrize("approved", ["reminder", "/en", "reminder/"])
def test_an_unreadable_approval_is_refused(approved: str) -> None:
    with pytest.raises(ValueError, match="template/locale"):
        open_channel(Medium.WHATSAPP, "sandbox", {"approved": approved})


def _statuses(ledger: Ledger, until: datetime) -> list[str]:
    return [each.receipt.status for each in ledger.receipts(until=until)]
