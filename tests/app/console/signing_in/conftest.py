"""The room that is tested here alone is built."""

from collections.abc import Sequence

import pytest

from app.console.rooms import Room
from tests.app.console.team import rooms_named


@pytest.fixture
def rooms() -> Sequence[Room]:
    return rooms_named("account")
