"""Standard Webhooks: the published example, and everything that proves nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from app.payments.gateway import ForgedCallback
from app.payments.standard_webhooks import ID, SIGNATURE, STAMP, ensure_signed, secret_of, sign

# The example of the specification's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
AT = datetime.fromtimestamp(1614265330, UTC)
HEADERS = {
    ID: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    STAMP: "1614265330",
    SIGNATURE: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_published_example_is_signed_and_taken() -> None:
    assert sign(BODY, secret=SECRET, message_id=HEADERS[ID], at=AT) == HEADERS
    ensure_signed(BODY, HEADERS, secret=SECRET, now=AT)


def test_one_signature_of_several_is_enough_while_a_secret_is_replaced() -> None:
    several = f"v1,AAAA v2,xyz {HEADERS[SIGNATURE]}"

    ensure_signed(BODY, HEADERS | {SIGNATURE: several}, secret=SECRET, now=AT)


@pytest.mark.parametrize(
    "change",
    [
        {ID: ""},
        {ID: "msg_other"},
        {STAMP: ""},
        {STAMP: "1614265331"},
        {STAMP: "1614265330.0"},
        {STAMP: "١٦١٤٢٦٥٣٣٠"},
        {SIGNATURE: ""},
        {SIGNATURE: "v2," + HEADERS[SIGNATURE][3:]},
        {SIGNATURE: HEADERS[SIGNATURE][3:]},
    ],
)
def test_what_does_not_fit_is_forged(change: dict[str, str]) -> None:
    with pytest.raises(ForgedCallback):
        ensure_signed(BODY, HEADERS | change, secret=SECRET, now=AT)


@pytest.mark.parametrize("sign_", [1, -1])
def test_a_call_is_good_for_five_minutes_either_way(sign_: int) -> None:
    ensure_signed(BODY, HEADERS, secret=SECRET, now=AT + sign_ * timedelta(seconds=300))
    with pytest.raises(ForgedCallback, match="stale"):
        ensure_signed(BODY, HEADERS, secret=SECRET, now=AT + sign_ * timedelta(seconds=301))


def test_another_secret_and_another_body_prove_nothing() -> None:
    with pytest.raises(ForgedCallback):
        ensure_signed(BODY + b" ", HEADERS, secret=SECRET, now=AT)
    with pytest.raises(ForgedCallback):
        ensure_signed(BODY, HEADERS, secret=secret_of(b"another"), now=AT)
    with pytest.raises(ForgedCallback, match="base64"):
        ensure_signed(BODY, HEADERS, secret="whsec_*", now=AT)
