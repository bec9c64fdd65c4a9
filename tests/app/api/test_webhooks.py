"""Endpoints are told of every event of theirs, signed, at least once, and of nobody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from time import sleep
from typing import Any

import pytest
from aiohttp import web
from starlette.testclient import TestClient

from app.api.webhooks.endpoints import REPLAYED_AT_ONCE
from app.api.webhooks.targets import PublicResolver, TargetRefused, ensure_target
from app.api.webhooks.telling import BACK_OFF, GIVE_UP_AFTER, Telling
from app.delivery.calls import Calls
from app.lab.served import served
from app.payments.standard_webhooks import ensure_signed
from app.store.journal import Happened, record
from tests.app.api.conftest import Api
from tests.app.web.people import NOW, add_payer

PATIENCE = timedelta(seconds=30)  # a tick is over when all have answered, on a busy machine too


@dataclass
class Listener:
    """An endpoint that keeps what it was told, and answers what `answers` holds next, then 200."""

    answers: list[int] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    raw: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    open: Event | None = None  # it answers nobody before this is set

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.raw.append((body, {name.lower(): value for name, value in request.headers.items()}))
        while self.open is not None and not self.open.is_set():
            await asyncio.sleep(0.01)
        status = self.answers.pop(0) if self.answers else 200
        if 200 <= status < 300:
            self.told.append(json.loads(body))
        return web.Response(status=status, headers={"location": "/elsewhere"})


@dataclass
class Ear:
    """A listener, its address, and the loop that tells it."""

    listener: Listener
    url: str
    telling: Telling
    api: Api

    def tick(self, now: datetime) -> None:
        while self.telling.tick(now):
            pass

    def kinds(self) -> list[str]:
        return [one["type"] for one in self.listener.told]


@pytest.fixture
def ear(api: Api) -> Iterator[Ear]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/duly", listener.take)
    with served(app) as origin, Calls() as calls, _telling(api, calls) as telling:
        yield Ear(listener, f"{origin}/duly", telling, api)


@contextmanager
def _telling(api: Api, calls: Calls, *, patience: timedelta = PATIENCE) -> Iterator[Telling]:
    stand = api.stand
    telling = Telling(
        stand.database, secret=stand.settings.secret, run=calls.run, local=True, patience=patience
    )
    try:
        yield telling
    finally:
        telling.close()


def happen(api: Api, *kinds: str, customer_id: int | None = None, at: datetime = NOW) -> None:
    with api.stand.database.write() as session:
        facts = [Happened(kind, at=at, customer_id=customer_id) for kind in kinds]
        record(session, facts, now=at)


def added(client: TestClient, url: str, **more: Any) -> dict[str, Any]:
    made = client.post("/webhook-endpoints", json={"url": url, **more})
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    return told


def test_an_endpoint_is_told_of_what_happens_from_then_on(
    api: Api, erp: TestClient, ear: Ear
) -> None:
    dana = add_payer(api.stand).customer_id
    happen(api, "before", customer_id=dana)
    made = added(erp, ear.url)
    happen(api, "first_thing", "second_thing", "third_thing", customer_id=dana)

    ear.tick(NOW)
    ear.tick(NOW + timedelta(seconds=1))

    assert sorted(ear.kinds()) == ["first_thing", "second_thing", "third_thing"]
    assert ear.listener.told[0]["data"]["customer_id"] == dana
    for body, headers in ear.listener.raw:
        ensure_signed(body, headers, secret=made["secret"], now=NOW)
        assert headers["webhook-id"] == f"evt_{json.loads(body)['data']['id']}"
    log = erp.get("/webhook-calls", params={"state": "told"}).json()["data"]
    assert [(call["status"], call["tries"]) for call in log] == [(200, 1)] * 3


def test_it_is_told_of_its_own_creditor_and_of_the_kinds_that_it_wants(
    api: Api, erp: TestClient, ear: Ear
) -> None:
    dana = add_payer(api.stand).customer_id
    added(erp, ear.url, kinds=["promise_made"])
    with api.client(api.key(creditor="other")) as other:
        added(other, ear.url)
        assert len(other.get("/webhook-endpoints").json()["data"]) == 1
    happen(api, "promise_made", "promise_kept", customer_id=dana)
    happen(api, "promise_made")  # of nobody: no creditor is told

    ear.tick(NOW)

    assert ear.kinds() == ["promise_made"]


def test_what_failed_is_told_again_later_with_the_same_id(
    api: Api, erp: TestClient, ear: Ear
) -> None:
    dana = add_payer(api.stand).customer_id
    made = added(erp, ear.url)
    ear.listener.answers = [500, 302]
    happen(api, "something_happened", customer_id=dana)

    ear.tick(NOW)
    ear.tick(NOW + BACK_OFF[0] - timedelta(seconds=1))
    assert len(ear.listener.raw) == 1
    (waiting,) = erp.get("/webhook-calls").json()["data"]
    assert (waiting["state"], waiting["problem"]) == ("waiting", "it answered 500")
    ear.tick(NOW + BACK_OFF[0])
    ear.tick(NOW + BACK_OFF[0] + BACK_OFF[1])

    assert ear.kinds() == ["something_happened"]
    assert len({headers["webhook-id"] for _, headers in ear.listener.raw}) == 1
    (told,) = erp.get("/webhook-calls").json()["data"]
    assert (told["state"], told["tries"], told["problem"]) == ("told", 3, None)
    assert erp.get(f"/webhook-endpoints/{made['id']}").json()["failing_since"] is None


def test_one_that_fails_for_days_is_paused_with_a_task_and_loses_nothing(
    api: Api, erp: TestClient, ear: Ear
) -> None:
    dana = add_payer(api.stand).customer_id
    made = added(erp, ear.url)
    ear.listener.answers = [500] * 40
    happen(api, "something_happened", customer_id=dana)
    now = NOW
    while now < NOW + GIVE_UP_AFTER + timedelta(days=1):
        ear.tick(now)
        now += timedelta(hours=4)
    path = f"/webhook-endpoints/{made['id']}"
    assert erp.get(path).json()["state"] == "paused"
    with api.client(api.key(creditor=None)) as house:
        kinds = [task["kind"] for task in house.get("/tasks").json()["data"]]
    assert "endpoint_problem" in kinds
    happen(api, "more_happened", customer_id=dana)
    ear.listener.answers = []

    erp.patch(path, json={"state": "active"})
    ear.tick(now + timedelta(days=1))

    assert sorted(ear.kinds()) == ["more_happened", "something_happened"]


def test_one_that_is_gone_is_asked_no_more(api: Api, erp: TestClient, ear: Ear) -> None:
    dana = add_payer(api.stand).customer_id
    made = added(erp, ear.url)
    ear.listener.answers = [410]
    happen(api, "something_happened", customer_id=dana)

    ear.tick(NOW)
    ear.tick(NOW + timedelta(days=1))

    assert len(ear.listener.raw) == 1
    path = f"/webhook-endpoints/{made['id']}"
    assert erp.get(path).json()["state"] == "ended"
    assert erp.patch(path, json={"state": "active"}).status_code == 409


def test_it_can_be_told_again_from_a_day_on(api: Api, erp: TestClient, ear: Ear) -> None:
    dana = add_payer(api.stand).customer_id
    happen(api, "long_ago", customer_id=dana, at=NOW - timedelta(days=30))
    happen(api, "last_week", customer_id=dana, at=NOW - timedelta(days=7))
    made = added(erp, ear.url)
    happen(api, "just_now", customer_id=dana)
    ear.tick(NOW)
    assert ear.kinds() == ["just_now"]

    since = {"since": (NOW - timedelta(days=10)).isoformat()}
    answer = erp.post(f"/webhook-endpoints/{made['id']}/replay", json=since)
    ear.tick(NOW + timedelta(seconds=5))

    assert answer.status_code == 202
    assert answer.json()["to_event_id"] >= 1
    assert sorted(set(ear.kinds())) == ["just_now", "last_week"]


def test_a_replay_goes_on_after_a_restart(api: Api, erp: TestClient, ear: Ear) -> None:
    dana = add_payer(api.stand).customer_id
    long_ago = NOW - timedelta(days=30)
    happen(api, "first_thing", customer_id=dana)
    happen(api, *["old_thing"] * REPLAYED_AT_ONCE, customer_id=dana, at=long_ago)
    happen(api, "last_thing", customer_id=dana)
    made = added(erp, ear.url)
    erp.post(f"/webhook-endpoints/{made['id']}/replay", json={"since": NOW.isoformat()})

    ear.telling.tick(NOW)
    assert ear.kinds() == ["first_thing"]
    with Calls() as calls, _telling(api, calls) as after_the_restart:
        while after_the_restart.tick(NOW):
            pass

    assert ear.kinds() == ["first_thing", "last_thing"]


def test_one_that_is_slow_delays_nobody_else(api: Api, erp: TestClient, ear: Ear) -> None:
    dana = add_payer(api.stand).customer_id
    slow = Listener(open=Event())
    app = web.Application()
    app.router.add_post("/slow", slow.take)
    with served(app) as origin, Calls() as calls:
        added(erp, f"{origin}/slow")
        added(erp, ear.url)
        with _telling(api, calls, patience=timedelta(milliseconds=50)) as telling:
            happen(api, "first_thing", customer_id=dana)
            until(lambda: telling.tick(NOW) or ear.kinds() == ["first_thing"])
            happen(api, "second_thing", customer_id=dana)
            until(lambda: telling.tick(NOW) or ear.kinds() == ["first_thing", "second_thing"])
            assert slow.told == []
            assert slow.open is not None
            slow.open.set()
            until(lambda: telling.tick(NOW) or len(slow.told) == 2)

    assert [one["type"] for one in slow.told] == ["first_thing", "second_thing"]


def until(done: Callable[[], bool]) -> None:
    for _ in range(1000):
        if done():
            return
        sleep(0.01)
    raise AssertionError("it did not come about")


def test_one_that_fails_is_tried_with_one_call_until_that_goes_well(
    api: Api, erp: TestClient, ear: Ear
) -> None:
    dana = add_payer(api.stand).customer_id
    added(erp, ear.url)
    ear.listener.answers = [500] * 4
    happen(api, "thing_a", "thing_b", "thing_c", customer_id=dana)
    ear.tick(NOW)
    assert len(ear.listener.raw) == 3

    ear.tick(NOW + BACK_OFF[0])
    assert len(ear.listener.raw) == 4
    happen(api, "thing_d", customer_id=dana)
    ear.tick(NOW + BACK_OFF[0] + timedelta(seconds=1))
    assert len(ear.listener.raw) == 4  # what is new waits with the rest
    ear.tick(NOW + BACK_OFF[0] + BACK_OFF[1])

    assert sorted(ear.kinds()) == ["thing_a", "thing_b", "thing_c", "thing_d"]
    assert ear.kinds()[0] == "thing_a"
    assert len(ear.listener.raw) == 8


def test_a_new_secret_signs_from_the_next_call_on(api: Api, erp: TestClient, ear: Ear) -> None:
    dana = add_payer(api.stand).customer_id
    made = added(erp, ear.url)
    renewed = erp.post(f"/webhook-endpoints/{made['id']}/secret").json()
    happen(api, "something_happened", customer_id=dana)
    ear.tick(NOW)

    ((body, headers),) = ear.listener.raw
    assert renewed["secret"] != made["secret"]
    ensure_signed(body, headers, secret=renewed["secret"], now=NOW)
    assert "secret" not in erp.get(f"/webhook-endpoints/{made['id']}").json()


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example/duly",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://192.168.0.1:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::1]/",
        "https://224.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://user:word@erp.example/",
        "ftp://erp.example/",
        "https:///duly",
        "https://erp.example:99999/",
        "nonsense",
        "https://erp.example/" + "x" * 500,
    ],
)
def test_what_is_not_public_is_never_called(url: str) -> None:
    with pytest.raises(TargetRefused):
        ensure_target(url)


def test_a_name_that_leads_into_our_own_network_is_not_followed() -> None:
    async def resolve() -> None:
        await PublicResolver().resolve("localhost", 443)

    ensure_target("https://erp.example/duly")
    with pytest.raises(OSError, match="no public address"):
        asyncio.run(resolve())


def test_an_address_inside_is_refused_when_it_is_given(erp: TestClient) -> None:
    refused = erp.post("/webhook-endpoints", json={"url": "https://10.0.0.1/duly"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0] == {"pointer": "/body/url", "reason": "is not public"}
