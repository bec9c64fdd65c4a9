"""The sandbox's faults: the same for the same seed, as often as asked, and checked."""

import subprocess
import sys
from datetime import timedelta

import pytest

from channels.errors import BY_KIND, AddressInvalid, AddressOptedOut, NoAnswer, SendError
from channels.sandbox_course import course_of
from channels.sandbox_faults import Aftermath, Chance, Fate, Faults, chance_of, door_error
from channels.seam import Medium
from tests.channels.make import NOON, envelope

DULL = Chance(*[0.999] * 8)


def test_chance_is_the_same_in_another_process() -> None:
    script = "from channels.sandbox_faults import chance_of; print(chance_of('s', 'case-1').door)"

    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    ).stdout

    assert float(told) == chance_of("s", "case-1").door == 0.27094501978717744


def test_another_seed_is_another_fate() -> None:
    assert chance_of("one", "case-1") != chance_of("two", "case-1")


def test_fates_come_as_often_as_asked() -> None:
    faults = Faults(refuse=0.1, later=0.2, timeout_before=0.1, timeout_after=0.3)
    fates = [faults.fate(chance_of("seed", str(number)).door) for number in range(4000)]

    shares = {fate: fates.count(fate) / len(fates) for fate in Fate}

    asked = [0.1, 0.2, 0.1, 0.3, 0.3]
    assert list(shares.values()) == pytest.approx(asked, abs=0.03)


def test_nothing_goes_wrong_unless_asked() -> None:
    chances = [chance_of("seed", str(number)) for number in range(500)]

    assert {Faults().fate(chance.door) for chance in chances} == {Fate.ACCEPT}
    assert {Faults().aftermath(chance.course) for chance in chances} == {Aftermath.ARRIVE}


@pytest.mark.parametrize("aftermath", [each for each in Aftermath if each != "arrive"])
def test_every_aftermath_can_be_asked_for(aftermath: Aftermath) -> None:
    faults = Faults.from_settings({aftermath: "1"})

    assert faults.aftermath(0.999) is aftermath


@pytest.mark.parametrize(
    ("kind", "leaf"), [(k, v) for k, v in BY_KIND.items() if v is not NoAnswer]
)
def test_every_error_that_is_an_answer_can_be_played(kind: str, leaf: type[SendError]) -> None:
    name = "refuse" if leaf.permanent else "later"
    faults = Faults.from_settings({name: "1", f"{name}_kinds": kind})

    assert isinstance(door_error(faults, DULL, envelope()), leaf)


def test_dead_and_opted_out_addresses_are_refused_always() -> None:
    faults = Faults(dead_endings=("99", "@dead.example"), opted_out_endings=("77",))

    def met(recipient: str) -> SendError | None:
        return door_error(faults, DULL, envelope(recipient=recipient))

    assert isinstance(met("+97250000099"), AddressInvalid)
    assert isinstance(met("dana@dead.example"), AddressInvalid)
    assert isinstance(met("+97250000077"), AddressOptedOut)
    assert met("+97250000012") is None


def test_settings_are_read_by_their_kind() -> None:
    faults = Faults.from_settings(
        {
            "seed": "7",
            "refuse": "0.25",
            "hidden_for": "3",
            "late_by": "90",
            "dead_endings": "00, 99",
        }
    )

    assert faults == Faults(
        seed="7",
        refuse=0.25,
        hidden_for=3,
        late_by=timedelta(seconds=90),
        dead_endings=("00", "99"),
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"refuze": "1"}, "unknown sandbox setting 'refuze'"),
        ({"refuse": "2"}, "refuse is a probability"),
        ({"refuse": "-0.1"}, "refuse is a probability"),
        ({"refuse": "0.6", "later": "0.6"}, "must not add up"),
        ({"lost": "0.6", "fail": "0.6"}, "must not add up"),
        ({"refuse_kinds": "no_such"}, "unknown error kinds no_such"),
        ({"refuse_kinds": "rate_limited"}, "must be permanent"),
        ({"later_kinds": "expired"}, "must be permanent"),
        ({"fail_kinds": "no_answer"}, "no_answer is played by"),
        ({"fail_kinds": ""}, "must be permanent"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Faults.from_settings(settings)


def test_a_late_course_is_heard_of_out_of_order() -> None:
    course = course_of(Faults(late=1), DULL, envelope(), tells_read=False)

    heard = sorted(course, key=lambda receipt: receipt.due_at)

    assert [receipt.happening.status for receipt in course] == ["sent", "delivered"]
    assert [receipt.happening.status for receipt in heard] == ["delivered", "sent"]


@pytest.mark.parametrize(
    ("medium", "faults", "statuses"),
    [
        (Medium.SMS, Faults(), ["sent", "delivered"]),
        (Medium.SMS, Faults(read=1), ["sent", "delivered"]),
        (Medium.WHATSAPP, Faults(read=1), ["sent", "delivered", "read"]),
        (Medium.SMS, Faults(fail=1), ["sent", "failed"]),
        (Medium.EMAIL, Faults(fail=1), ["sent", "bounced"]),
        (Medium.EMAIL, Faults(complain=1), ["sent", "delivered", "complained"]),
        (Medium.EMAIL, Faults(unsubscribe=1), ["sent", "delivered", "unsubscribed"]),
        (Medium.SMS, Faults(complain=1), ["sent", "delivered"]),
        (Medium.SMS, Faults(lost=1), []),
        (Medium.SMS, Faults(doubled=1), ["sent", "sent", "delivered", "delivered"]),
    ],
)
def test_courses(medium: Medium, faults: Faults, statuses: list[str]) -> None:
    course = course_of(faults, DULL, envelope(medium), tells_read=medium is Medium.WHATSAPP)

    assert [receipt.happening.status for receipt in course] == statuses


def test_what_is_not_delivered_while_valid_expires() -> None:
    brief = envelope(deliver_before=NOON + timedelta(seconds=5))
    faults = Faults(delivered_after=timedelta(minutes=1))

    last = course_of(faults, DULL, brief, tells_read=False)[-1].happening

    assert (last.status, last.at) == ("failed", brief.sent_at + timedelta(seconds=5))
    assert last.error is not None
    assert last.error.kind == "expired"


def test_what_would_be_delivered_too_late_expires() -> None:
    even, sent_at = Chance(*[0.5] * 8), envelope().sent_at
    late = envelope(deliver_before=sent_at + timedelta(seconds=6))
    in_time = envelope(deliver_before=sent_at + timedelta(seconds=7))

    missed, met = [
        course_of(Faults(), even, each, tells_read=False)[-1].happening for each in (late, in_time)
    ]

    assert (missed.status, missed.at) == ("failed", late.deliver_before)
    assert met.status == "delivered"


def test_what_is_delivered_at_the_last_instant_is_delivered() -> None:
    even = Chance(*[0.5] * 8)
    just_enough = envelope(deliver_before=NOON + timedelta(seconds=7))

    last = course_of(Faults(), even, just_enough, tells_read=False)[-1].happening

    assert (last.status, last.at) == ("delivered", just_enough.sent_at + timedelta(seconds=7))
