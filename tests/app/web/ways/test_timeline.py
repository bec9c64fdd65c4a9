"""The timeline: what was invoiced, paid, agreed, disputed and written, on the customer's days."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from app.book.ledger import PaymentIn, ReversalIn, ReversalKind, post_payment, post_reversal
from app.intake.disputes import DisputeKind, dispute_invoice
from app.store.rows import Promise
from app.web.catalogues import languages
from campaigns.money import Money
from tests.app.web.people import NOW, Payer, Stand, add_payer, add_plan, change, one_value
from tests.databases import on_both_stores

TODAY = NOW.date()


@pytest.fixture
def lived(stand: Stand) -> Payer:
    """A payment, a credit note, a promise that was broken, a dispute that ended, a message."""
    payer = add_payer(stand)
    first = one_value(stand, f"SELECT min(id) FROM invoice WHERE customer_id = {payer.customer_id}")
    whose, ten = payer.customer_id, Money(10_00, "ILS")
    with stand.database.write() as session:
        post_payment(session, PaymentIn("p", whose, ten, TODAY, NOW), now=NOW)
        note = ReversalIn("c", ReversalKind.CREDIT_NOTE, whose, ten, TODAY, NOW, invoice_id=first)
        post_reversal(session, note, now=NOW)
        dispute_invoice(
            session,
            customer_id=whose,
            invoice_id=first,
            kind=DisputeKind.OTHER,
            words="told in confidence",
            now=NOW - timedelta(days=20),
        )
        promise = Promise(
            customer_id=whose,
            currency="ILS",
            amount_minor=124_050,
            due_on=TODAY - timedelta(days=30),
            grace_until=NOW,
            made_at=NOW - timedelta(days=40),
            made_by="page",
            state="broken",
            ended_at=NOW - timedelta(days=28),
        )
        session.add(promise)
    ended = (NOW - timedelta(days=10)).strftime("%Y-%m-%d %H:%M:%S.%f")
    change(stand, f"UPDATE dispute SET state = 'rejected', resolved_at = '{ended}'")
    change(stand, "UPDATE message SET accepted_at = '2026-11-22 22:30:00.000000'")
    return payer


def told(client: TestClient, payer: Payer, lang: str = "en") -> list[str]:
    """The lines of the timeline, as they read."""
    page = client.get(f"{payer.path}/timeline?lang={lang}").text
    (listed,) = re.findall(r'<ol class="timeline">(.*?)</ol>', page, re.DOTALL)
    text = re.sub(r"<[^>]+>", "\n", listed)
    return [line for line in map(str.strip, text.splitlines()) if line]


@on_both_stores
def test_it_tells_what_happened_the_newest_first(client: TestClient, lived: Payer) -> None:
    assert told(client, lived)[:22] == [
        "24 November 2026",
        "Payment", "-₪10.00", "₪10.00", "for invoice", "A-11",
        "Credit note", "-₪10.00", "₪10.00", "for invoice", "A-11",
        "23 November 2026",  # 00:30 in Haifa
        "We sent you an SMS",
        "14 November 2026",
        "We have checked invoice", "A-11", ": it is right",
        "4 November 2026",
        "You told us that something is wrong with invoice", "A-11",
        "27 October 2026",
        "We had not received the payment for this day:",
    ]  # fmt: skip


def test_nothing_that_was_said_in_confidence_stands_on_it(client: TestClient, lived: Payer) -> None:
    page = client.get(f"{lived.path}/timeline?lang=en").text

    assert "told in confidence" not in page
    assert "broken" not in page


def test_a_plan_stands_there_with_its_parts(stand: Stand, client: TestClient) -> None:
    payer = add_payer(stand)
    add_plan(stand, payer)
    change(stand, "UPDATE instalment SET state = 'missed' WHERE number = 1")

    lines = told(client, payer)

    assert lines[1:4] == ["You agreed with us to pay", "₪1,240.50", "in parts"]
    assert "₪620.25" in lines
    assert "· not paid in time" in lines


@pytest.mark.parametrize("language", languages())
def test_it_is_told_in_every_language(client: TestClient, lived: Payer, language: str) -> None:
    assert not [line for line in told(client, lived, language) if "%(" in line]


def test_who_owes_nothing_reads_what_was(stand: Stand, client: TestClient, lived: Payer) -> None:
    change(stand, "UPDATE invoice SET open_minor = 0")

    page = client.get(f"{lived.path}/timeline?lang=en").text

    assert "What happens next" not in page
    assert "Credit note" in page
    assert f'href="{lived.path}/timeline' in client.get(f"{lived.path}?lang=en").text
