"""By whatever means somebody says stop, it holds at once: what was claimed before does not leave.

Row 11 of the test vectors of contact law is the first of these.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from app.intake.opt_outs import StopSaid, opt_out_person
from app.intake.receipts import take_receipts
from app.intake.replies import Written, receive_reply
from app.intake.wrong_persons import report_wrong_person
from app.store.rows import (
    Address,
    Attempt,
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    Link,
    Message,
    Sender,
    Suppression,
)
from app.web import acts
from app.web.visits import UNSUBSCRIBE, Visit
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium, Purpose
from channels.delivery import DeliveryStatus
from channels.errors import AddressError, AddressInvalid, AddressOptedOut
from tests.app.intake.make import receipt
from tests.databases import on_both_stores
from tests.promises.stage import Stage, staging

Door = Callable[[Stage, int], None]


@pytest.fixture
def stage(migrated_url: str) -> Iterator[Stage]:
    with staging(migrated_url) as made:
        yield made


def _reply(words: str) -> Door:
    def door(stage: Stage, customer: int) -> None:
        (point,) = stage.get(ContactPoint, customer_id=customer)
        written = Written(
            key=f"text:{words}:{stage.now}",
            medium=Medium(point.medium),
            from_address=stage.one(Address, id=point.address_id).value,
            to_address=stage.get(Sender, medium=point.medium)[0].address,
            text=words,
            at=stage.now,
        )
        with stage.database.write() as session:
            receive_reply(session, written, now=stage.now)

    return door


def _link(purpose: str, act: StopAct) -> Door:
    def door(stage: Stage, customer: int) -> None:
        sent = stage.get(Message, customer_id=customer)[0].id
        link = Link(
            id=1, customer_id=customer, message_id=sent, purpose=purpose,
            created_at=stage.now, expires_at=stage.now + timedelta(days=1),
        )  # fmt: skip
        with stage.database.write() as session:
            visit = Visit(
                "token",
                link,
                session.get_one(Customer, customer),
                session.get_one(Creditor, stage.creditor),
            )
            acts.stop(session, visit, act, stage.now)

    return door


def _event(status: DeliveryStatus, error: AddressError | None = None) -> Door:
    def door(stage: Stage, customer: int) -> None:
        message = stage.get(Message, customer_id=customer)[0].id
        attempt = stage.get(Attempt, message_id=message)[0]
        more = {"provider_id": attempt.provider_id, "error": error}
        told = receipt(attempt.key, status, at=stage.now, **more)
        with stage.database.write() as session:
            take_receipts(session, [told], now=stage.now)

    return door


def _staff(act: StopAct, through: Medium | None) -> Door:
    def door(stage: Stage, customer: int) -> None:
        said = StopSaid(act, through, "letter:7", by="Noa")
        with stage.database.write() as session:
            opt_out_person(session, said, customer_id=customer, now=stage.now)

    return door


def _wrong_person(stage: Stage, customer: int) -> None:
    (point,) = stage.get(ContactPoint, customer_id=customer)
    with stage.database.write() as session:
        report_wrong_person(
            session, customer_id=customer, address_id=point.address_id, now=stage.now
        )


DOORS = {
    StopAct.REPLY: _reply("STOP"),
    StopAct.PAGE: _link("pay", StopAct.PAGE),
    StopAct.UNSUBSCRIBE_LINK: _link(UNSUBSCRIBE, StopAct.UNSUBSCRIBE_LINK),
    StopAct.LIST_UNSUBSCRIBE: _link(UNSUBSCRIBE, StopAct.LIST_UNSUBSCRIBE),
    StopAct.PROVIDER: _event(DeliveryStatus.FAILED, AddressOptedOut("sandbox", "21610")),
    StopAct.COMPLAINT: _event(DeliveryStatus.COMPLAINED),
    StopAct.BOUNCE: _event(DeliveryStatus.FAILED, AddressInvalid("sandbox", "landline")),
    StopAct.WRONG_PERSON: _wrong_person,
    StopAct.WRITTEN: _staff(StopAct.WRITTEN, Medium.SMS),
    StopAct.STAFF: _staff(StopAct.STAFF, Medium.SMS),
    StopAct.CEASE: _staff(StopAct.CEASE, None),
}


def _second_message_due(stage: Stage) -> int:
    customer = stage.owe("Ada")
    stage.tick()
    assert len(stage.said(customer)) == 1
    stage.pass_by(days=3)
    stage.decide()
    assert stage.get(Message, customer_id=customer, state="waiting")
    return customer


def test_a_claimed_message_leaves_when_nobody_says_stop(stage: Stage) -> None:
    customer = _second_message_due(stage)

    assert stage.deliver() == 1
    assert len(stage.said(customer)) == 2


@pytest.mark.parametrize(
    "act", [pytest.param(act, id="11" if act is StopAct.REPLY else str(act)) for act in DOORS]
)
def test_vector_11_what_was_claimed_a_second_before_the_stop_is_denied_at_the_gate(
    stage: Stage, act: StopAct
) -> None:
    customer = _second_message_due(stage)

    def stop() -> None:
        stage.pass_by(seconds=1)
        DOORS[act](stage, customer)

    passed = stage.deliver(after="claim", act=stop)

    assert passed == 0
    assert len(stage.said(customer)) == 1
    stage.play(days=10)
    confirmed = ["opt_out_confirmed"] if act is StopAct.REPLY else []
    assert stage.said(customer)[1:] == confirmed
    rows = stage.get(Suppression, act=str(act))
    assert rows
    assert {(row.said_through, row.recorded_by) for row in rows} == {
        (
            None if act in (StopAct.CEASE, StopAct.WRONG_PERSON) else "sms",
            "Noa" if act in (StopAct.STAFF, StopAct.WRITTEN, StopAct.CEASE) else "duly",
        )
    }
    withdrawn = stage.get(Consent, customer_id=customer, given=False)
    assert bool(withdrawn) is (act not in (StopAct.WRONG_PERSON, StopAct.BOUNCE))
    assert all(row.evidence and row.recorded_by and row.recorded_at for row in withdrawn)


def test_what_a_person_told_us_holds_for_a_number_that_comes_later(stage: Stage) -> None:
    customer = stage.owe("Ada", person="one")
    twin = stage.owe("Ben", person="one", creditor=stage.second_creditor())
    _staff(StopAct.STAFF, Medium.SMS)(stage, customer)
    later = stage.owe("Eve")

    (moved,) = stage.get(ContactPoint, customer_id=later)
    stage.run(
        "UPDATE contact_point SET address_id = :address WHERE customer_id = :customer",
        address=moved.address_id,
        customer=customer,
    )
    stage.play(days=10)

    assert stage.said(customer) == []
    assert stage.said(twin) == []
    assert stage.said(later)


def test_an_address_that_others_use_as_well_stays_theirs(stage: Stage) -> None:
    customer, other = stage.owe("Ada"), stage.owe("Ben")
    (point,) = stage.get(ContactPoint, customer_id=customer)
    stage.run(
        "UPDATE contact_point SET address_id = :address WHERE customer_id = :other",
        address=point.address_id,
        other=other,
    )

    _staff(StopAct.CEASE, None)(stage, customer)
    stage.play(days=2)

    assert stage.get(Suppression) == []
    assert stage.said(customer) == []
    assert stage.said(other)


@on_both_stores
def test_who_wants_no_offers_is_reminded_all_the_same(stage: Stage) -> None:
    customer = stage.owe("Ada")
    said = StopSaid(StopAct.STAFF, None, "call:3", by="Noa")
    with stage.database.write() as session:
        assert opt_out_person(
            session, said, customer_id=customer, purpose=Purpose.OFFERS, now=stage.now
        )
    stage.tick()

    assert len(stage.said(customer)) == 1
    assert {row.purpose for row in stage.get(Consent, given=False)} == {"offers"}
    assert stage.get(Suppression) == []
