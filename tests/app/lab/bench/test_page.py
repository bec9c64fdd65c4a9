"""The bench of the page reads real pages of a real web process, and looks at what they say."""

from pathlib import Path

import pytest

from app.lab.bench.page import run
from app.lab.bench.stores import Sqlite


@pytest.mark.slow  # a web process is started
@pytest.mark.timeout(120)
def test_everybody_gets_a_page_of_their_own(tmp_path: Path) -> None:
    report = run(
        Sqlite(tmp_path),
        folder=tmp_path,
        large=False,
        customers=5,
        pages=40,
        rounds=1,
        progress=lambda done, total: None,
    )

    assert not report.wrong
    assert [figure.unit for figure in report.figures] == ["a second", "ms", "ms", "us"]
    assert all(figure.spread.low > 0 for figure in report.figures)
