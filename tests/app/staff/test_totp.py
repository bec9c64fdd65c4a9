"""One-time codes: those of RFC 6238, each once; and a sealed secret."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.staff.totp import (
    STEP,
    Unsealable,
    is_secret,
    new_secret,
    recovery_codes,
    recovery_hash,
    seal,
    step_of,
    unseal,
    uri_of,
)
from tests.factories import NOON

RFC_SECRET = b32encode(b"12345678901234567890").decode()
KEY = b"an installation's secret of 32 b"


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_the_vectors_of_the_rfc(at: int, code: str) -> None:
    """RFC 6238, appendix B (SHA-1), the last six of its eight digits."""
    assert step_of(RFC_SECRET, code, datetime.fromtimestamp(at, UTC), after=-1) == at // STEP


@given(st.integers(-3, 3), st.integers(0, 29))
def test_a_code_is_good_a_step_to_each_side(steps: int, second: int) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOON + timedelta(seconds=STEP * steps))
    found = step_of(RFC_SECRET, code, NOON + timedelta(seconds=second), after=0)

    assert (found is not None) == (abs(steps) <= 1)


@given(st.integers(-1, 1))
def test_a_step_counts_once_and_so_do_those_before(step: int) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOON + timedelta(seconds=STEP * step))
    taken = step_of(RFC_SECRET, code, NOON, after=0)

    assert taken is not None
    assert step_of(RFC_SECRET, code, NOON, after=taken) is None
    assert step_of(RFC_SECRET, code, NOON, after=taken - 1) == taken


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦", "x" * 9000, "000000\x00"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert step_of(RFC_SECRET, code, NOON, after=0) is None


def test_a_code_may_be_typed_with_a_blank() -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOON)

    assert step_of(RFC_SECRET, f" {code[:3]} {code[3:]}", NOON, after=0) is not None


def test_secrets_are_long_and_never_twice_the_same() -> None:
    made = {new_secret() for _ in range(100)}

    assert len(made) == 100
    assert all(map(is_secret, made))
    assert not any(map(is_secret, ["", "A" * 31, "a" * 32, "1" * 32]))


def test_the_picture_says_whose_account_it_is() -> None:
    uri = uri_of(RFC_SECRET, "ada@house.example")

    assert uri.startswith("otpauth://totp/Duly:ada%40house.example?secret=")
    assert pyotp.parse_uri(uri).secret == RFC_SECRET


@given(st.integers(1, 10**9))
def test_a_sealed_secret_opens_for_its_user_under_its_key(user_id: int) -> None:
    sealed = seal(RFC_SECRET, user_id, KEY)

    assert RFC_SECRET not in sealed
    assert sealed != seal(RFC_SECRET, user_id, KEY)
    assert unseal(sealed, user_id, KEY) == RFC_SECRET
    for other, key in ((user_id + 1, KEY), (user_id, b"another" * 6)):
        with pytest.raises(Unsealable):
            unseal(sealed, other, key)


def test_recovery_codes_are_eight_and_read_however_they_are_typed() -> None:
    codes = recovery_codes()

    assert len(set(codes)) == 8
    assert all(len(code) == 19 for code in codes)
    assert recovery_hash(codes[0], 7) == recovery_hash(codes[0].lower().replace("-", " "), 7)
    assert recovery_hash(codes[0], 7) != recovery_hash(codes[0], 8)
