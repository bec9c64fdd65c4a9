"""The stage of these tests, on both stores."""

from collections.abc import Iterator

import pytest

from tests.promises.stage import Stage, staging


@pytest.fixture
def stage(migrated_url: str) -> Iterator[Stage]:
    with staging(migrated_url) as built:
        yield built
