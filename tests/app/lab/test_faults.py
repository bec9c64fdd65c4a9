"""Bad days by seed: the same request meets the same fate, and shares are kept."""

import pytest

from app.lab.faults import Fate, Faults, MailFate, MailFaults

BAD = {Fate.BUSY: 0.2, Fate.RESET_AFTER: 0.1}


def test_the_same_request_meets_the_same_fate_and_another_seed_is_another_day() -> None:
    fates = [Faults(BAD, seed="one").fate(number) for number in range(200)]

    assert fates == [Faults(BAD, seed="one").fate(number) for number in range(200)]
    assert fates != [Faults(BAD, seed="two").fate(number) for number in range(200)]


def test_shares_are_kept_and_the_rest_goes_well() -> None:
    fates = [Faults(BAD).fate(number) for number in range(10_000)]

    assert abs(fates.count(Fate.BUSY) - 2000) < 150
    assert abs(fates.count(Fate.RESET_AFTER) - 1000) < 120
    assert set(fates) == {*BAD, Fate.TAKEN}


def test_a_mailbox_that_is_written_to_again_has_another_day() -> None:
    half = MailFaults({MailFate.GREYLISTED: 0.5})
    fates = {half.fate("dana@people.example", nth) for nth in range(20)}

    assert fates == {MailFate.GREYLISTED, MailFate.TAKEN}


@pytest.mark.parametrize("shares", [{Fate.BUSY: 0.6, Fate.HTML: 0.5}, {Fate.BUSY: -0.1}])
def test_shares_that_cannot_be_are_refused(shares: dict[Fate, float]) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Faults(shares)
