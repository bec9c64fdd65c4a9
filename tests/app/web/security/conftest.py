"""A stand that keeps files, with its rules published: every way of a page is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.loops.assembly import publish_shipped
from tests.app.web.people import NOW, Payer, Stand, standing
from tests.app.web.security.neighbours import add_neighbour


@pytest.fixture
def stand(migrated_url: str, tmp_path: Path) -> Iterator[Stand]:
    with standing(migrated_url, documents=tmp_path / "documents") as built:
        publish_shipped(built.database, NOW)
        yield built


@pytest.fixture
def zimri(stand: Stand, client: TestClient, dana: Payer) -> Payer:
    """Dana's neighbour on the same telephone, who has all that a page can show."""
    return add_neighbour(stand, client, dana)
