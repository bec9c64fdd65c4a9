"""One house for whoever walks through a day."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.console.browsing.whole_day.house import House, opened_house


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with opened_house(migrated_url, tmp_path) as built:
        yield built
