"""The inbox: forged calls are refused, the rest lands once, and no call stops the others."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from app.intake.errors import Forged, Unreadable
from app.intake.inbound import PATIENCE, retry, store_raw, stored
from app.intake.inbox import intake_tick, receive
from app.intake.replies import Written
from app.intake.sources import GatewaySource, Heard, Source
from app.payments.checkout import start_checkout
from app.payments.sandbox_gateway import HEADER, Callback, SandboxGateway
from app.payments.signature import sign
from app.store.engines import Database
from campaigns.money import Money
from campaigns.vocabulary import Medium
from channels.errors import from_record
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene, add_message, receipt
from tests.databases import on_both_stores
from tests.factories import NOON

SECRET = "a secret of the tests"


class Carrier:
    """A provider of texts: its calls are JSON, and genuine when they say so."""

    name = "carrier"

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
        if headers.get("x-genuine") != "yes":
            raise Forged("no signature")
        if not body.startswith(b"{"):
            raise Unreadable("not JSON")
        told = json.loads(body)
        if told.get("poison"):
            raise ZeroDivisionError("Dana of Herzl street")
        if "text" in told:
            return [Written(told["id"], Medium.SMS, PHONE, OUR_NUMBER, told["text"], now)]
        return [
            receipt(each["key"], each["status"], error=from_record(each["error"]))
            if "error" in each
            else receipt(each["key"], each["status"])
            for each in told["receipts"]
        ]


GENUINE = {"X-Genuine": "yes", "Cookie": "session=1", "Authorization": "Basic c2VjcmV0"}


class Genuine(Carrier):
    """Reads header names in any case, as a real source must."""

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
        return super().hear(body, {k.lower(): v for k, v in headers.items()}, now)


CARRIER = Genuine()


class Payments:
    """A scene with the sandbox gateway and one checkout of everything."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.gateway = SandboxGateway(secret=SECRET)
        self.source = GatewaySource(self.gateway)

    def session(self) -> str:
        started = start_checkout(
            self.scene.database,
            self.gateway,
            customer_id=self.scene.customer_id,
            case_id=self.scene.case_id,
            amount=Money(124_050, "ILS"),
            invoice_ids=(),
            nonce="form-1",
            now=NOON,
            return_url="https://pay.example.com/p/token",
        )
        rows = self.scene.rows("checkout", f"id = {started.checkout_id}")
        return str(rows[0]["session_id"])

    def receive(self, call: Callback, now: datetime = NOON) -> bool:
        return receive(self.scene.database, self.source, call.body, call.headers, now=now).is_new

    def tick(self, now: datetime = NOON) -> int:
        return intake_tick(self.scene.database, {"sandbox": self.source}, now=now)


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


@pytest.fixture
def payments(scene: Scene) -> Payments:
    return Payments(scene)


def _receive(scene: Scene, told: object, now: datetime = NOON, **headers: str) -> bool:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    taken = receive(scene.database, CARRIER, body, {**GENUINE, **headers}, now=now)
    return taken.is_new


def _tick(scene: Scene, now: datetime = NOON, *, batch: int = 200) -> int:
    sources: Mapping[str, Source] = {"carrier": CARRIER}
    return intake_tick(scene.database, sources, now=now, batch=batch)


def _open_calls(scene: Scene) -> list[int]:
    return [row["id"] for row in scene.rows("inbound", "handled_at IS NULL")]


def test_a_payment_has_landed_before_the_answer(payments: Payments) -> None:
    call = payments.gateway.pay(payments.session(), NOON)

    assert payments.receive(call)

    assert payments.scene.signals() == ["payment_received"]
    assert payments.scene.rows("invoice", "open_minor > 0") == []
    assert _open_calls(payments.scene) == []


def test_a_forged_call_is_refused_counted_and_not_stored(payments: Payments) -> None:
    call = payments.gateway.pay(payments.session(), NOON)
    forged = Callback("x", call.body.replace(b"124050", b"124051"), call.headers)

    for _ in range(3):
        with pytest.raises(Forged):
            payments.receive(forged)

    assert payments.scene.rows("inbound") == []
    assert payments.scene.rows("payment") == []
    (event,) = payments.scene.rows("event")
    assert event["kind"] == "callback_refused"
    assert "124051" not in repr(event)


@on_both_stores
def test_many_forged_calls_at_once_are_all_refused(scene: Scene) -> None:
    def forge(number: int) -> bool:
        with pytest.raises(Forged):
            receive(scene.database, CARRIER, b"{}", {}, now=NOON)
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(forge, range(8)))
    assert len(scene.rows("event", "kind = 'callback_refused'")) == 1


def test_an_old_call_is_a_forged_one(payments: Payments) -> None:
    call = payments.gateway.pay(payments.session(), NOON)

    with pytest.raises(Forged):
        payments.receive(call, NOON + timedelta(seconds=301))
    (again,) = payments.gateway.undelivered(NOON + timedelta(days=1))
    assert payments.receive(again, NOON + timedelta(days=1))


def test_a_repeat_is_known_by_its_body(payments: Payments) -> None:
    payments.gateway.pay(payments.session(), NOON)
    minute = timedelta(minutes=1)

    calls = [payments.gateway.undelivered(NOON + number * minute)[0] for number in range(3)]
    new = [payments.receive(call, NOON + n * minute) for n, call in enumerate(calls)]

    assert new == [True, False, False]
    assert len(payments.scene.rows("payment")) == 1


@on_both_stores
def test_the_same_payment_from_many_threads_lands_once(payments: Payments) -> None:
    call = payments.gateway.pay(payments.session(), NOON)

    with ThreadPoolExecutor(6) as pool:
        new = list(pool.map(lambda _: payments.receive(call), range(12)))

    assert sorted(new) == [False] * 11 + [True]
    assert len(payments.scene.rows("payment")) == 1
    assert payments.scene.signals() == ["payment_received"]
    assert _open_calls(payments.scene) == []


def test_a_chargeback_that_came_first_lands_by_the_tick(payments: Payments) -> None:
    paid = payments.gateway.pay(payments.session(), NOON)
    ((_, reference, _),) = payments.gateway.payments()
    back = payments.gateway.charge_back(reference, NOON)

    payments.receive(back)
    assert payments.tick() == 0
    payments.receive(paid)
    assert payments.tick(NOON + timedelta(hours=1)) == 1

    assert payments.scene.signals() == ["payment_received", "payment_reversed"]
    assert len(payments.scene.rows("invoice", "open_minor > 0")) == 2


def test_what_it_refers_to_never_comes_and_a_person_looks(payments: Payments) -> None:
    payments.gateway.pay(payments.session(), NOON)
    ((_, reference, _),) = payments.gateway.payments()
    payments.receive(payments.gateway.charge_back(reference, NOON))

    payments.tick(NOON + PATIENCE - timedelta(seconds=1))
    assert payments.scene.tasks() == []
    payments.tick(NOON + PATIENCE)

    assert payments.scene.tasks() == ["callback_problem"]
    (inbound,) = payments.scene.rows("inbound")
    assert inbound["handled_at"] is None
    assert reference in inbound["problem"]
    assert payments.tick(NOON + 2 * PATIENCE) == 0


@on_both_stores
def test_a_problem_that_was_solved_is_tried_again(payments: Payments) -> None:
    paid = payments.gateway.pay(payments.session(), NOON)
    ((_, reference, _),) = payments.gateway.payments()
    payments.receive(payments.gateway.charge_back(reference, NOON))
    payments.tick(NOON + PATIENCE)
    payments.receive(paid)

    with payments.scene.database.write() as session:
        assert retry(session, _open_calls(payments.scene)) == 1
    assert payments.tick(NOON + 2 * PATIENCE) == 1


@on_both_stores
def test_a_signed_call_that_nobody_can_read_is_kept_with_its_problem(payments: Payments) -> None:
    body = b'{"kind": "checkout_paid"}'
    header = {HEADER: sign(body, secret=SECRET, at=NOON)}

    payments.receive(Callback("x", body, header))

    (inbound,) = payments.scene.rows("inbound")
    assert inbound["body"] == body.decode()
    assert inbound["problem"].startswith("Unreadable")
    assert payments.scene.tasks() == ["callback_problem"]


def test_an_opt_out_has_landed_before_the_answer(scene: Scene) -> None:
    _receive(scene, {"id": "carrier:1", "text": "STOP"})

    assert scene.signals() == ["opted_out"]
    assert _open_calls(scene) == []


def test_plain_receipts_wait_for_the_tick_and_stops_do_not(scene: Scene) -> None:
    first, second = add_message(scene), add_message(scene)
    opted_out = {"error": "address_opted_out", "provider": "carrier", "code": "21610"}

    _receive(scene, {"receipts": [{"key": first, "status": "delivered"}]})
    _receive(scene, {"receipts": [{"key": second, "status": "failed", "error": opted_out}]})

    assert len(_open_calls(scene)) == 1
    assert scene.signals() == ["opted_out"]
    assert _tick(scene) == 1
    assert _open_calls(scene) == []


def test_a_poisoned_call_stops_nobody_and_quotes_nobody(scene: Scene) -> None:
    keys = [add_message(scene) for _ in range(4)]
    calls = [{"receipts": [{"key": key, "status": "delivered"}]} for key in keys]
    for call in calls[:2]:
        _receive(scene, call)
    _store(scene, {"poison": True})
    for call in calls[2:]:
        _receive(scene, call)

    assert _tick(scene, batch=2) == 4

    assert {row["delivery"] for row in scene.rows("message")} == {"delivered"}
    (left,) = scene.rows("inbound", "handled_at IS NULL")
    assert left["problem"] == "ZeroDivisionError"
    assert scene.tasks() == ["callback_problem"]
    assert "Herzl" not in repr(scene.rows("task") + scene.rows("inbound"))
    assert _tick(scene) == 0


def _store(scene: Scene, told: object) -> None:
    """As a call that was genuine for an earlier version."""
    with scene.database.write() as session:
        headers = {name.lower(): value for name, value in GENUINE.items()}
        store_raw(session, "carrier", json.dumps(told).encode(), headers, now=NOON)


def test_a_receipt_ahead_of_its_attempt_waits_and_the_others_of_its_call_land(
    scene: Scene,
) -> None:
    key = add_message(scene)
    both = [{"key": key, "status": "delivered"}, {"key": "unheard of", "status": "sent"}]
    _receive(scene, {"receipts": both})

    assert _tick(scene) == 0

    assert scene.rows("message")[0]["delivery"] == "delivered"
    assert len(_open_calls(scene)) == 1
    _tick(scene, NOON + PATIENCE)
    assert scene.rows("inbound")[0]["problem"] == "1 receipts name no attempt on record"


def test_a_source_that_is_not_set_up_keeps_its_calls(scene: Scene) -> None:
    _receive(scene, {"receipts": []})

    assert intake_tick(scene.database, {}, now=NOON) == 0
    assert len(_open_calls(scene)) == 1


def test_cookies_and_credentials_are_not_stored(scene: Scene) -> None:
    _receive(scene, {"receipts": []})

    told = repr(scene.rows("inbound"))
    assert "x-genuine" in told
    assert "session=1" not in told
    assert "c2VjcmV0" not in told


@pytest.mark.parametrize("body", [b"", b"plain", "שלום".encode(), b"\xff\x00\xfe", b"a\x00b"])
def test_a_body_is_kept_byte_for_byte(scene: Scene, body: bytes) -> None:
    with scene.database.write() as session:
        taken = store_raw(session, "carrier", body, {}, now=NOON)
        assert stored(session, [taken.inbound_id])[taken.inbound_id].body == body
