"""The run of the whole takes everybody from a case that is due to an answer of the provider."""

from pathlib import Path

import pytest

from app.lab.bench.stores import Postgresql
from app.lab.bench.whole import run
from tests.postgres import Postgres


@pytest.mark.slow  # a provider and two workers are started
@pytest.mark.timeout(120)
def test_everybody_is_written_to_once(tmp_path: Path, postgres_server: Postgres) -> None:
    report = run(
        Postgresql(postgres_server.url("postgres")),
        folder=tmp_path,
        large=False,
        people=50,
        progress=lambda done, total: None,
    )

    assert not report.wrong
    assert [figure.unit for figure in report.figures] == [
        *("a second", "minutes", "us", "us"),
        *("per cent", "per cent", "per cent"),
    ]
