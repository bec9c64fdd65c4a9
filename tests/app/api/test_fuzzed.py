"""Schemathesis asks what the description allows and what it does not: each answer is described.

What it finds becomes a case of its own in `test_hostile.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.loops.assembly import publish_shipped
from tests.app.api.conftest import Api
from tests.app.web.people import NOW, add_attempt, add_payer, standing

EACH = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = "GET /events/stream"


@pytest.fixture
def seeded(migrated_url: str) -> Iterator[Api]:
    """A stand that has seen life, and whose callers may call as often as they like."""
    with standing(migrated_url, programs=True, api_calls_per_minute=10**6) as stand:
        publish_shipped(stand.database, NOW)
        for _ in range(3):
            add_attempt(stand, add_payer(stand))
        yield Api(stand)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_answer_to_anything_is_described(seeded: Api) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", seeded.stand.app)
    headers = {"authorization": f"Bearer {seeded.key().secret}"}
    failed: dict[str, str] = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @settings(
            max_examples=EACH,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        if operation.label != ENDLESS:
            try:
                holds()
            except BaseException as problem:  # noqa: BLE001  # all are told together, below
                failed[operation.label] = str(problem)[:600]
    assert failed == {}
