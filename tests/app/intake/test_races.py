"""Facts that come at once: each lands once, no stop passes a gate, and none locks another up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import select
from sqlmodel import Session

from app.book.ledger import PaymentIn, post_payment
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import HOLD_FOR, report_hardship
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.promises import MadeBy, make_promise
from app.intake.receipts import take_receipts
from app.intake.replies import Written, receive_reply
from app.intake.tidy import break_promises, end_holds
from app.store.bulk import lock_rows, update_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.guard import lock_persons
from app.store.journal import Happened, record
from app.store.rows import Case, Suppression
from campaigns.money import Money
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium, Signal
from channels.errors import AddressOptedOut
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene, add_message, add_namesake, receipt
from tests.databases import on_both_stores
from tests.factories import NOON

Act = Callable[[Session], object]


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _at_once(scene: Scene, acts: list[Act]) -> list[object]:
    """Each act in a thread and a transaction of its own, all let go together."""
    ready = Barrier(len(acts))

    def run(act: Act) -> object:
        ready.wait()
        with scene.database.write() as session:
            return act(session)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _stop(scene: Scene) -> Act:
    address_id = scene.address()
    said = StopSaid(StopAct.PAGE, Medium.SMS, "link:1")
    return lambda session: opt_out(session, said, address_id=address_id, now=NOON)


def _promise(scene: Scene) -> Act:
    return lambda session: make_promise(
        session,
        customer_id=scene.customer_id,
        amount=Money(50_000, "ILS"),
        due_on=date(2026, 6, 4),
        made_by=MadeBy.PAGE,
        now=NOON,
    )


def _payment(scene: Scene) -> Act:
    payment = PaymentIn("p1", scene.customer_id, Money(50_000, "ILS"), NOON.date(), NOON)
    return lambda session: post_payment(session, payment, now=NOON)


@on_both_stores
def test_many_opt_outs_at_once_are_one(scene: Scene) -> None:
    add_namesake(scene)

    new = _at_once(scene, [_stop(scene)] * 6)

    assert new.count(True) == 1
    assert len(scene.rows("suppression")) == 2
    assert len(scene.rows("event", "kind = 'opted_out'")) == 2


@on_both_stores
def test_many_opt_outs_of_a_number_that_nobody_uses_are_one(scene: Scene) -> None:
    scene.run("DELETE FROM contact_point")

    new = _at_once(scene, [_stop(scene)] * 6)

    assert new.count(True) == 1
    assert len(scene.rows("suppression")) == 2


@on_both_stores
def test_a_gate_that_holds_the_guard_is_not_passed_by_an_opt_out(scene: Scene) -> None:
    """The opt-out waits for the gate; the next gate sees it. Neither slips by the other."""
    person_id = int(scene.rows("person", "key = 'person-1'")[0]["id"])
    stop, asked = _stop(scene), Event()
    told: list[str] = []

    def gate() -> None:
        with scene.database.write() as session:
            lock_persons(session, [person_id])
            asked.set()
            waited = Event().wait(0.3)
            query = select(table_of(Suppression).c.id)
            found = session.connection().execute(query).first()
            told.append("sent" if found is None and not waited else "stopped")

    def opted_out() -> None:
        asked.wait()
        with scene.database.write() as session:
            stop(session)
            told.append("opted out")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(gate), pool.submit(opted_out)]:
            done.result()
    gate()

    assert told == ["sent", "opted out", "stopped"]


@on_both_stores
def test_everything_at_once_locks_nobody_up(scene: Scene) -> None:
    """Several persons share the number, and every act takes guards, cases and messages."""
    for name in ("b", "c", "d"):
        add_namesake(scene, creditor=name)
    keys = [add_message(scene) for _ in range(3)]
    gone = AddressOptedOut("sandbox", "21610")
    texts = [Written(f"t:{n}", Medium.SMS, PHONE, OUR_NUMBER, "why?", NOON) for n in range(3)]

    def heard(text: Written) -> Act:
        return lambda session: receive_reply(session, text, now=NOON)

    def reported(key: str) -> Act:
        failed = receipt(key, "failed", error=gone)
        return lambda session: take_receipts(session, [failed], now=NOON)

    acts = [_stop(scene), _payment(scene), _payment(scene), *map(heard, texts)]
    _at_once(scene, [*acts, *map(reported, keys)])

    assert len(scene.rows("payment")) == 1
    assert len(scene.rows("reply")) == 3
    closed = [(row["act"], row["medium"]) for row in scene.rows("suppression")]
    assert sorted(closed) == [
        ("page", "sms"), ("page", "whatsapp"), ("provider", "sms"), ("provider", "whatsapp"),
    ]  # fmt: skip
    assert len(scene.rows("event", "kind = 'message_failed'")) == 3


@on_both_stores
def test_the_same_promise_from_many_hands_is_one(scene: Scene) -> None:
    _at_once(scene, [_promise(scene)] * 6)

    assert len(scene.rows("promise")) == 1
    assert scene.signals() == ["promise_made"]


@on_both_stores
def test_a_payment_beside_a_promise_counts_before_or_after_it(scene: Scene) -> None:
    _at_once(scene, [_promise(scene), _payment(scene)])

    (promise,) = scene.rows("promise")
    before = promise["paid_before_minor"]
    assert (before, promise["state"]) in [(0, "kept"), (50_000, "open")]


@on_both_stores
def test_the_same_dispute_and_the_same_hardship_are_one(scene: Scene) -> None:
    def dispute(session: Session) -> int:
        return dispute_invoice(
            session,
            customer_id=scene.customer_id,
            invoice_id=scene.small,
            kind=DisputeKind.OTHER,
            words=None,
            now=NOON,
        )

    def hardship(session: Session) -> int:
        return report_hardship(
            session, customer_id=scene.customer_id, kind="hardship", words=None, now=NOON
        )

    _at_once(scene, [dispute, hardship] * 3)

    assert len(scene.rows("dispute")) == len(scene.rows("hardship")) == 1
    assert len(scene.rows("hold")) == 1
    assert sorted(scene.signals()) == ["hardship_reported", "invoice_disputed"]


@on_both_stores
def test_two_workers_that_tidy_tell_everything_once(scene: Scene) -> None:
    with scene.database.write() as session:
        _promise(scene)(session)
        report_hardship(
            session, customer_id=scene.customer_id, kind="hardship", words=None, now=NOON
        )
    later = NOON + HOLD_FOR + timedelta(days=1)
    acts: list[Act] = [lambda s: break_promises(s, later), lambda s: end_holds(s, later)]

    _at_once(scene, acts * 3)

    told = scene.signals()
    assert told.count("promise_broken") == told.count("hold_released") == 1


@on_both_stores
def test_a_case_that_closes_meanwhile_is_told_nothing_that_it_never_answers(scene: Scene) -> None:
    """The fact waits for the walk that closes the case, and then finds no open one."""
    closing = Event()

    def close() -> None:
        with scene.database.write() as session:
            lock_rows(session, Case, [scene.case_id])
            update_rows(session, Case, [{"id": scene.case_id, "phase": "closed"}])
            closing.set()
            Event().wait(0.3)

    def tell() -> None:
        closing.wait()
        with scene.database.write() as session:
            lock_persons(session, [1])
            fact = Happened(Signal.PROMISE_KEPT, at=NOON, customer_id=scene.customer_id)
            record(session, [fact], now=NOON)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(close), pool.submit(tell)]:
            done.result()

    assert len(scene.rows("event", "kind = 'promise_kept'")) == 1
    assert scene.rows("case_signal") == []
