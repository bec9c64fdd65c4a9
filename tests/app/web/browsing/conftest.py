"""The stand behind a real server, and a customer in each language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.web.browsing.people import PEOPLE
from tests.app.web.people import Payer, Stand, add_payer
from tests.app.web.served import serving


@pytest.fixture
def served(migrated_url: str, tmp_path: Path) -> Iterator[Stand]:
    """The stand behind a real server on a free port."""
    with serving(migrated_url, documents=tmp_path / "documents") as stand:
        yield stand


@pytest.fixture
def payer(served: Stand, locale: str) -> Payer:
    """A customer who reads this language and owes 1,240.50 ILS on two invoices."""
    name, given = PEOPLE[locale]
    return add_payer(served, name, locale=locale, given_name=given)


@pytest.fixture
def dana(served: Stand) -> Payer:
    """A customer who reads English and owes 1,240.50 ILS on the invoices A-11 and A-12."""
    return add_payer(served)
