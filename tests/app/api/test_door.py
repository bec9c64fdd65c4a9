"""Who comes in: good keys, for their own creditor, with their scopes, and not too often."""

from __future__ import annotations

from datetime import timedelta

from starlette.testclient import TestClient

from app.api.keys import revoke_key, rotate_key
from app.api.limits import Limits
from app.api.scopes import Scope
from app.store.rows import ApiKey
from tests.app.api.conftest import Api
from tests.app.web.people import NOW, standing


def test_without_a_good_key_nothing_is_told(api: Api) -> None:
    with TestClient(api.stand.app, base_url="http://testserver/api/v1") as stranger:
        for sent in ("", "Bearer", "Bearer duly_wrong", "Basic ZHVseQ==", "Bearer " + "x" * 5000):
            answer = stranger.get("/customers", headers={"authorization": sent})

            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:duly:problem:unauthenticated"
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_does_what_its_scopes_say_and_no_more(api: Api) -> None:
    with api.client(api.key(Scope.BOOK_READ)) as reader:
        assert reader.get("/customers").status_code == 200

        refused = reader.post("/customers", json={"rows": [{"external_id": "C-1"}]})

    assert refused.status_code == 403
    assert "book:write" in refused.json()["title"]
    assert reader.get("/cases").status_code == 403


def test_a_key_that_has_ended_opens_nothing(api: Api) -> None:
    made = api.key()
    with api.client(made) as client:
        assert client.get("/creditors").status_code == 200
        with api.stand.database.write() as session:
            assert revoke_key(session, made.id, NOW)
            assert not revoke_key(session, made.id, NOW)

        assert client.get("/creditors").status_code == 401


def test_a_rotated_key_goes_on_for_its_overlap_and_its_successor_may_do_the_same(api: Api) -> None:
    old = api.key(Scope.TASKS_READ)
    with api.stand.database.write() as session:
        new = rotate_key(session, old.id, overlap=timedelta(hours=2), by="tests", now=NOW)

    with api.client(old) as before, api.client(new) as after:
        assert before.get("/tasks").status_code == after.get("/tasks").status_code == 200
        assert after.get("/cases").status_code == 403
        api.stand.clock.move_to(NOW + timedelta(hours=2))
        assert before.get("/tasks").status_code == 401
        assert after.get("/tasks").status_code == 200


def test_the_store_holds_no_key_that_could_be_used(api: Api) -> None:
    made = api.key()
    with api.stand.database.read() as session:
        row = session.get(ApiKey, made.id)
        assert row is not None
        stored = row.model_dump_json()

    assert made.secret not in stored
    assert made.secret not in repr(made)
    assert made.secret.startswith(row.hint)
    assert len(row.hint) < len(made.secret) / 3


def test_the_last_use_of_a_key_is_noted(api: Api) -> None:
    made = api.key()
    with api.client(made) as client:
        client.get("/creditors")
    with api.stand.database.read() as session:
        row = session.get(ApiKey, made.id)
        assert row is not None
        assert row.used_at == NOW


def test_who_calls_too_often_is_told_when_to_come_again(migrated_url: str) -> None:
    with standing(migrated_url, programs=True, api_calls_per_minute=3) as stand:
        api = Api(stand)
        with api.client(api.key()) as often, api.client(api.key()) as another:
            granted = [often.get("/creditors") for _ in range(3)]
            refused = often.get("/creditors")

            assert [one.status_code for one in granted] == [200] * 3
            assert granted[0].headers["ratelimit"].startswith('"calls";r=2;')
            assert granted[0].headers["ratelimit-policy"] == '"calls";q=3;w=60'
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["retry-after"]) <= 20
            assert another.get("/creditors").status_code == 200


def test_a_bucket_fills_again_at_its_rate_and_never_beyond_its_limit() -> None:
    limits = Limits(60)
    assert all(limits.take("key", 0.0).granted for _ in range(60))
    assert not limits.take("key", 0.5).granted
    assert limits.take("key", 1.5).granted
    assert limits.take("key", 10_000.0).left == 59
