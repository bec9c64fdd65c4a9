"""The stand of the pages' tests, on both stores."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.app.web.people import Payer, Stand, add_payer, standing


@pytest.fixture
def stand(migrated_url: str) -> Iterator[Stand]:
    with standing(migrated_url) as built:
        yield built


@pytest.fixture
def client(stand: Stand) -> Iterator[TestClient]:
    with stand.client() as opened:
        yield opened


@pytest.fixture
def dana(stand: Stand) -> Payer:
    """A customer who reads English and owes 1,240.50 ILS on two invoices."""
    return add_payer(stand)
