"""The team's console behind a real server, with an empty book or a lively one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.console.customers.lively import Lively, lively
from tests.app.console.team import Team, sitting
from tests.app.web.served import a_port, answering


@pytest.fixture
def team(migrated_url: str, tmp_path: Path) -> Iterator[Team]:
    documents = tmp_path / "documents"
    with (
        a_port() as (listening, base_url),
        sitting(migrated_url, base_url=base_url, log_level="warning", documents=documents) as built,
        answering(built.app, built.settings, listening),
    ):
        yield built


@pytest.fixture
def lived(migrated_url: str, tmp_path: Path) -> Iterator[Lively]:
    with (
        a_port() as (listening, base_url),
        lively(
            migrated_url,
            base_url=base_url,
            log_level="warning",
            documents=tmp_path / "documents",
        ) as built,
        answering(built.team.app, built.team.settings, listening),
    ):
        yield built
