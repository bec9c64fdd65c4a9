"""The signature of callbacks, held to the examples that Stripe's own libraries publish."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.payments.gateway import ForgedCallback
from app.payments.signature import ensure_signed, sign

NOON = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)

# What the published examples judge and a signature alone does not: the first low-level check has
# no tolerance, and these bodies are refused whatever their signature.
NOT_OF_THE_SIGNATURE = {
    "py-timestamp-far-past-no-tolerance",
    "py-invalid-json-valid-signature",
    "py-v2-thin-event",
    "node-empty-payload",
}


def _is_signed(body: bytes, header: str, secret: str, now: datetime, within: timedelta) -> bool:
    try:
        ensure_signed(body, header, secret=secret, now=now, fresh_for=within)
    except ForgedCallback:
        return False
    return True


def test_the_published_examples_are_judged_as_their_libraries_judge_them(vectors: Path) -> None:
    told = json.loads((vectors / "stripe" / "webhook_signature_vectors.json").read_text("utf-8"))
    cases: list[dict[str, Any]] = told["cases"]

    wrong = [
        case["id"]
        for case in cases
        if case["id"] not in NOT_OF_THE_SIGNATURE
        and _is_signed(
            case["payload"].encode(),
            case["stripe_signature_header"] or "",
            case["secret"],
            datetime.fromtimestamp(case["now"], UTC),
            timedelta(seconds=case["tolerance_seconds"] or 300),
        )
        is not case["valid"]
    ]

    assert len(cases) > len(NOT_OF_THE_SIGNATURE)
    assert wrong == []


def test_what_was_signed_is_believed() -> None:
    ensure_signed(b"{}", sign(b"{}", secret="s", at=NOON), secret="s", now=NOON)


def test_another_secret_is_forged() -> None:
    with pytest.raises(ForgedCallback, match="does not fit"):
        ensure_signed(b"{}", sign(b"{}", secret="s", at=NOON), secret="t", now=NOON)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(ForgedCallback, match="no secret"):
        ensure_signed(b"{}", sign(b"{}", secret="", at=NOON), secret="", now=NOON)


@pytest.mark.parametrize("stamp", ["", "-1", "1.5", "٣", "9" * 5000])
def test_a_strange_timestamp_is_forged(stamp: str) -> None:
    with pytest.raises(ForgedCallback):
        ensure_signed(b"{}", f"t={stamp},v1=00", secret="s", now=NOON)
