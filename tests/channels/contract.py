"""The contract that every channel keeps. A new channel writes a rig and adds it to RIGS.

A rig sets up one provider and makes it behave: the sandbox by its faults, a real provider's
channel by a local server that speaks its published contract. It also counts, on the
provider's side, what was accepted: a channel's own word is no evidence for that.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import pytest

from channels.errors import (
    LEAVES,
    ChannelClosed,
    ChannelMisuse,
    UnsupportedFeature,
    WrongMedium,
)
from channels.seam import (
    Accepted,
    Channel,
    Envelope,
    Found,
    Later,
    Medium,
    NotFound,
    Refused,
    Unclear,
)
from tests.channels.make import envelope, run


class Trouble(StrEnum):
    """How the provider behaves while the channel is used."""

    NONE = "none"
    REFUSES = "refuses"
    BUSY = "busy"
    SILENT_BEFORE = "silent_before"
    SILENT_AFTER = "silent_after"


class Rig(Protocol):
    """One provider under test: opens its channel, and counts what it really accepted."""

    def open(self, trouble: Trouble) -> Channel: ...

    def accepted(self) -> int: ...


OpenRig = Callable[[], AbstractContextManager[Rig]]


class ChannelContract:
    """Every test takes the fixture `rig`, which a module that runs the contract provides."""

    def test_it_accepts_a_message_and_tells_the_id_and_the_instant(self, rig: Rig) -> None:
        channel = rig.open(Trouble.NONE)

        outcome = run(channel.send(_fitting(channel)))

        assert isinstance(outcome, Accepted)
        assert outcome.provider_id
        assert outcome.at.utcoffset() == timedelta(0)
        assert rig.accepted() == 1

    def test_ids_are_unique_over_messages(self, rig: Rig) -> None:
        channel = rig.open(Trouble.NONE)

        outcomes = [run(channel.send(_fitting(channel, number))) for number in range(20)]

        ids = {outcome.provider_id for outcome in outcomes if isinstance(outcome, Accepted)}
        assert len(ids) == 20

    def test_the_same_envelope_twice_is_two_acceptances(self, rig: Rig) -> None:
        """No provider has idempotency keys: sending once is the engine's work."""
        channel = rig.open(Trouble.NONE)

        first, second = run(channel.send(_fitting(channel))), run(channel.send(_fitting(channel)))

        assert isinstance(first, Accepted)
        assert isinstance(second, Accepted)
        assert first.provider_id != second.provider_id
        assert rig.accepted() == 2

    def test_a_refusal_is_answered_with_a_permanent_error(self, rig: Rig) -> None:
        channel = rig.open(Trouble.REFUSES)

        outcome = run(channel.send(_fitting(channel)))

        assert isinstance(outcome, Refused)
        assert type(outcome.error) in LEAVES
        assert outcome.error.permanent
        assert rig.accepted() == 0

    def test_a_busy_provider_is_answered_with_later(self, rig: Rig) -> None:
        channel = rig.open(Trouble.BUSY)

        outcome = run(channel.send(_fitting(channel)))

        assert isinstance(outcome, Later)
        assert outcome.retry_after is None or outcome.retry_after > timedelta(0)
        assert rig.accepted() == 0

    @pytest.mark.parametrize("trouble", [Trouble.SILENT_BEFORE, Trouble.SILENT_AFTER])
    def test_silence_is_unclear_whether_or_not_it_was_accepted(
        self, rig: Rig, trouble: Trouble
    ) -> None:
        channel = rig.open(trouble)

        outcome = run(channel.send(_fitting(channel)))

        assert isinstance(outcome, Unclear)
        assert rig.accepted() == (trouble is Trouble.SILENT_AFTER)

    def test_it_tries_once_and_never_again_by_itself(self, rig: Rig) -> None:
        channel = rig.open(Trouble.SILENT_AFTER)

        run(channel.send(_fitting(channel)))

        assert rig.accepted() == 1

    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_errors_hold_no_personal_data(self, rig: Rig, trouble: Trouble) -> None:
        channel = rig.open(trouble)
        sent = _fitting(channel)

        outcome = run(channel.send(sent))

        for personal in (sent.recipient, sent.text, sent.link_token or "-"):
            assert personal not in repr(outcome)

    def test_what_was_accepted_is_found(self, rig: Rig) -> None:
        channel = _with_lookup(rig.open(Trouble.NONE))
        outcome = run(channel.send(_fitting(channel)))

        found = run(channel.find(_fitting(channel)))

        assert isinstance(outcome, Accepted)
        assert found == Found(outcome.provider_id, outcome.at)

    def test_what_was_accepted_in_silence_is_found(self, rig: Rig) -> None:
        channel = _with_lookup(rig.open(Trouble.SILENT_AFTER))
        run(channel.send(_fitting(channel)))

        assert isinstance(run(channel.find(_fitting(channel))), Found)

    def test_what_was_never_accepted_is_not_found(self, rig: Rig) -> None:
        channel = _with_lookup(rig.open(Trouble.SILENT_BEFORE))
        run(channel.send(_fitting(channel)))

        assert run(channel.find(_fitting(channel))) == NotFound()

    def test_the_message_of_somebody_else_is_not_found(self, rig: Rig) -> None:
        channel = _with_lookup(rig.open(Trouble.NONE))
        run(channel.send(_fitting(channel)))

        assert run(channel.find(_fitting(channel, 7))) == NotFound()

    def test_an_envelope_of_another_medium_raises(self, rig: Rig) -> None:
        channel = rig.open(Trouble.NONE)
        other = next(medium for medium in Medium if medium is not channel.medium)

        with pytest.raises(WrongMedium, match=channel.provider):
            run(channel.send(envelope(other)))

    @pytest.mark.parametrize("feature", ["html", "subject", "two_way", "cc"])
    def test_what_the_capabilities_lack_is_refused_loudly(self, rig: Rig, feature: str) -> None:
        channel = rig.open(Trouble.NONE)
        asking = _asking(channel, feature)

        if getattr(channel.capabilities, feature):
            assert isinstance(run(channel.send(asking)), Accepted)
        else:
            with pytest.raises(UnsupportedFeature, match=feature):
                run(channel.send(asking))
            assert rig.accepted() == 0

    def test_lookup_answers_where_it_is_declared_and_raises_where_not(self, rig: Rig) -> None:
        channel = rig.open(Trouble.NONE)

        if channel.capabilities.lookup:
            assert run(channel.find(_fitting(channel))) == NotFound()
        else:
            with pytest.raises(UnsupportedFeature, match="lookup"):
                run(channel.find(_fitting(channel)))

    def test_a_text_over_the_limit_is_refused_and_does_not_raise(self, rig: Rig) -> None:
        channel = rig.open(Trouble.NONE)
        limit = channel.capabilities.max_length

        fits = replace(_fitting(channel), text="a" * (limit or 100_000))
        assert isinstance(run(channel.send(fits)), Accepted)
        if limit is not None:
            too_long = replace(_fitting(channel), text="a" * (limit + 1))
            assert isinstance(run(channel.send(too_long)), Refused)

    def test_closing_twice_is_fine_and_sending_after_it_raises(self, rig: Rig) -> None:
        channel = rig.open(Trouble.NONE)

        run(channel.close())
        run(channel.close())

        with pytest.raises(ChannelClosed):
            run(channel.send(_fitting(channel)))
        assert issubclass(ChannelClosed, ChannelMisuse)

    def test_it_says_whose_rules_apply(self, rig: Rig) -> None:
        channel = rig.open(Trouble.NONE)

        assert isinstance(channel, Channel)
        assert channel.provider
        assert channel.stands_for


def _fitting(channel: Channel, number: int = 1) -> Envelope:
    """An envelope that asks for nothing that the channel cannot do."""
    able = channel.capabilities
    return envelope(
        channel.medium,
        attempt_key=f"case-{number}/day-3/0",
        link_token=f"token-{number}",
        text=f"Invoice 1042 is due. Pay: https://pay.example.com/p/token-{number}",
        two_way=able.two_way,
        html="<p>Invoice 1042 is due.</p>" if able.html else None,
        subject="Your invoice" if able.subject else None,
    )


def _asking(channel: Channel, feature: str) -> Envelope:
    plain = _fitting(channel)
    match feature:
        case "html":
            return replace(plain, html="<p>Due.</p>")
        case "subject":
            return replace(plain, subject="Due")
        case "cc":
            return replace(plain, cc=("noa@carmel.example",))
        case _:
            return replace(plain, two_way=True)


def _with_lookup(channel: Channel) -> Channel:
    if not channel.capabilities.lookup:
        pytest.skip(f"{channel.provider} for {channel.medium} declares no lookup")
    return channel
