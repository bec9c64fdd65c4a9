"""The console with the rooms that files go through."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.console.team import Team, rooms_named, sitting


@pytest.fixture
def team(migrated_url: str, tmp_path: Path) -> Iterator[Team]:
    with sitting(
        migrated_url,
        rooms=rooms_named("imports", "errands", "queues"),
        documents=tmp_path / "documents",
    ) as built:
        yield built
