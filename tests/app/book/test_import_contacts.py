"""How a feed's addresses and consents go in, and what it may not undo."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from app.store.engines import Database
from app.store.rows import Address, Consent, ContactPoint, Customer, Person, Suppression
from tests.app.book.feeds import CONTACTS, HEADER, MAPPING, run, write
from tests.app.book.make import NOW, made
from tests.databases import on_both_stores

CONTACT_HEADER = f"{HEADER},phone,email,ok,asked"


def test_addresses_are_canonical_and_a_bad_one_keeps_no_invoice_out(
    database: Database, tmp_path: Path
) -> None:
    feed = write(
        tmp_path,
        "C1,Dana,I1,1,2026-09-01,052-555-0123,Dana@Example.co.il,yes,2026-01-02",
        "C2,Avi,I2,1,2026-09-01,03-1234567,no mailbox,,",
        header=CONTACT_HEADER,
    )

    report = run(database, feed, MAPPING + CONTACTS)

    with database.read() as session:
        addresses = session.exec(select(Address).order_by(col(Address.kind))).all()
        media = session.exec(select(ContactPoint.medium).order_by(ContactPoint.medium)).all()
        consent = session.exec(select(Consent)).one()
    assert [address.value for address in addresses] == ["dana@example.co.il", "+972525550123"]
    assert list(media) == ["email", "sms", "whatsapp"]
    assert (consent.medium, consent.given) == ("sms", True)
    assert consent.at == datetime(2026, 1, 1, 22, tzinfo=UTC)
    assert report.accepted == 2
    assert {(note.line, note.text) for note in report.notes} == {
        (3, "phone is a number that takes no text messages"),
        (3, "email is no email address"),
    }


def test_a_new_number_replaces_the_old_one(database: Database, tmp_path: Path) -> None:
    header = f"{HEADER},phone"
    mapping = MAPPING + "contacts: [{ phone: phone, media: [sms] }]\n"
    run(database, write(tmp_path, "C1,D,I1,1,2026-09-01,0525550123", header=header), mapping)

    moved = run(
        database, write(tmp_path, "C1,D,I1,1,2026-09-01,0525550124", header=header), mapping
    )
    silent = run(database, write(tmp_path, "C1,D,I1,1,2026-09-01,", header=header), mapping)
    back = run(database, write(tmp_path, "C1,D,I1,1,2026-09-01,0525550123", header=header), mapping)

    assert (moved.addresses_added, moved.addresses_retired) == (1, 1)
    assert silent.changed == 0
    assert (back.addresses_added, back.addresses_retired) == (1, 1)
    with database.read() as session:
        query = select(Address.value).join(ContactPoint).where(col(ContactPoint.active))
        assert session.exec(query).all() == ["+972525550123"]
        assert session.exec(select(Person.revision)).one() >= 2


@on_both_stores
def test_a_suppressed_address_does_not_come_back(database: Database, tmp_path: Path) -> None:
    header = f"{HEADER},email"
    mapping = MAPPING + "contacts: [{ email: email }]\n"
    feed = write(tmp_path, "C1,D,I1,1,2026-09-01,d@x.co.il", header=header)
    run(database, feed, mapping)
    with database.write() as session:
        point = session.exec(select(ContactPoint)).one()
        point.active = False
        session.add(Suppression(address_id=point.address_id, reason="wrong_person", at=NOW))

    assert run(database, feed, mapping).changed == 0


@on_both_stores
@pytest.mark.parametrize(
    ("asked", "told_by", "given"),
    [
        ("", "duly", False),
        ("2026-09-01", "duly", False),
        ("2026-09-09", "duly", False),
        ("", "import", False),
        ("2026-09-01", "import", False),
        ("2026-09-09", "import", True),
    ],
    ids=["undated", "older", "newer", "undated-own", "older-own", "newer-own"],
)
def test_a_feed_undoes_only_a_withdrawal_of_its_own_and_only_with_a_later_day(
    database: Database, tmp_path: Path, asked: str, told_by: str, given: bool
) -> None:
    header = f"{HEADER},ok,asked"
    mapping = MAPPING + CONTACTS[CONTACTS.index("consents") :]
    run(database, write(tmp_path, "C1,D,I1,1,2026-09-01,yes,", header=header), mapping)
    with database.write() as session:
        customer = session.exec(select(Customer)).one()
        session.add(
            Consent(
                customer_id=made(customer.id),
                medium="sms",
                given=False,
                at=NOW + timedelta(hours=1),
                source="page",
                method="button",
                recorded_by=told_by,
            )
        )

    run(database, write(tmp_path, f"C1,D,I1,1,2026-09-01,yes,{asked}", header=header), mapping)

    with database.read() as session:
        latest = session.exec(
            select(Consent).order_by(col(Consent.at).desc(), col(Consent.id).desc())
        ).first()
    assert latest is not None
    assert latest.given is given


AT_WORK = """\
contacts:
  - { email: email, place: where }
  - { phone: phone, place: { value: home } }
"""


@on_both_stores
def test_where_an_address_is_goes_in_and_a_blank_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    header = f"{HEADER},phone,email,where"
    row = "C1,Dana,I1,1,2026-09-01,052-555-0123,dana@work.example,{}"
    places = []
    for where in ("", "work", ""):
        run(database, write(tmp_path, row.format(where), header=header), MAPPING + AT_WORK)
        with database.read() as session:
            points = session.exec(select(ContactPoint).order_by(ContactPoint.medium)).all()
            places.append({point.medium: point.place for point in points})

    phone = {"sms": "home", "whatsapp": "home"}
    assert places == [
        {"email": None, **phone}, {"email": "work", **phone}, {"email": "work", **phone},
    ]  # fmt: skip


def test_a_place_that_nobody_knows_is_no_place(database: Database, tmp_path: Path) -> None:
    header = f"{HEADER},phone,email,where"
    feed = write(tmp_path, "C1,Dana,I1,1,2026-09-01,,dana@work.example,beach", header=header)

    report = run(database, feed, MAPPING + AT_WORK)

    assert "known place" in str(report)


def test_the_hours_that_a_customer_asked_for_go_in(database: Database, tmp_path: Path) -> None:
    header, mapping = (
        f"{HEADER},hours",
        MAPPING.replace("customer:\n", "customer:\n  hours: hours\n"),
    )
    feed = write(
        tmp_path,
        "C1,Dana,I1,1,2026-09-01,Mon-Fri 17:00-20:00; Sat 10:00-13:00",
        "C2,Avi,I2,1,2026-09-01,evenings",
        header=header,
    )

    report = run(database, feed, mapping)

    with database.read() as session:
        customers = session.exec(select(Customer).order_by(col(Customer.external_id))).all()
    assert [each.hours for each in customers] == ["mon-fri 17:00-20:00; sat 10:00-13:00"]
    assert "are no hours" in str(report)
