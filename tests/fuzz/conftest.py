"""How long the fuzzing goes on: quick among the slow tests, longer and by chance in `make fuzz`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.app.intake.make import Scene
from tests.databases import opened

ASKED = os.environ.get("DULY_TEST_FUZZ", "")
EXAMPLES = int(ASKED) if ASKED else 40

bounded = settings(
    max_examples=EXAMPLES,
    derandomize=not ASKED,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
"""Of every test here. By chance only where a person looks at what is found."""


@pytest.fixture
def scene(migrated_url: str) -> Iterator[Scene]:
    """One customer, for all examples of a test: whatever they do to it, it goes on."""
    database = opened(migrated_url)
    yield Scene.of(database)
    database.dispose()
