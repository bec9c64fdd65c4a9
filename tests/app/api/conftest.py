"""The stand of the API's tests: two creditors, keys for either, an app on both stores."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from app.api.keys import Made, make_key
from app.api.scopes import Scope
from app.store.rows import Creditor
from tests.app.web.people import NOW, Stand, standing
from tests.factories import add


@dataclass(frozen=True)
class Api:
    """The stand, and how somebody calls it."""

    stand: Stand

    def key(self, *scopes: Scope, creditor: str | None = "carmel") -> Made:
        with self.stand.database.write() as session:
            return make_key(
                session,
                name="erp",
                scopes=scopes or tuple(Scope),
                creditor=creditor,
                by="tests",
                expires_at=None,
                now=NOW,
            )

    def client(self, made: Made) -> TestClient:
        headers = {"authorization": f"Bearer {made.secret}"}
        return TestClient(self.stand.app, base_url="http://testserver/api/v1", headers=headers)


@pytest.fixture
def api(migrated_url: str) -> Iterator[Api]:
    with standing(migrated_url, programs=True, api_calls_per_minute=1000) as stand:
        other = {"external_id": "other", "name": "Other Ltd", "country": "IL", "locale": "he"}
        where = {"zone": "Asia/Jerusalem", "currency": "ILS", "created_at": NOW}
        add(stand.database, Creditor, **other, **where)
        yield Api(stand)


@pytest.fixture
def erp(api: Api) -> Iterator[TestClient]:
    """A program of the stand's creditor that may do everything there."""
    with api.client(api.key()) as client:
        yield client
