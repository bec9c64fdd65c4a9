"""How often the front page asks the database: little for most, and never more for more invoices."""

from collections.abc import Sequence
from datetime import timedelta

from starlette.testclient import TestClient

from app.book.offers import add_offer
from app.lab.bench.plans import taken_down
from app.store.rows import Reply, StaffAnswer
from campaigns.offers import OfferKind
from tests.app.web.people import NOW, Payer, Stand, add_payer, add_plan
from tests.factories import add, add_creditor, add_invoice


def _asked(stand: Stand, client: TestClient, payer: Payer) -> Sequence[str]:
    """What the second opening of a page asks: the first one reads what is published, too."""
    assert client.get(payer.path).status_code == 200
    with taken_down(stand.database) as statements:
        assert client.get(payer.path).status_code == 200
    return [sql for sql, _ in statements]


def test_who_owes_invoices_and_nothing_else_is_asked_about_in_four_questions(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    few = _asked(stand, client, dana)
    for number in range(30):
        add_invoice(stand.database, dana.customer_id, f"B-{number}", amount=10_000)
    for number in range(5):
        add_creditor(stand.database, external_id=f"another-{number}")

    assert len(few) == 4
    assert _asked(stand, client, dana) == few


def test_a_plan_an_offer_and_a_talk_are_asked_about_where_there_are_some(
    stand: Stand, client: TestClient
) -> None:
    payer = add_payer(stand)
    whose = {"customer_id": payer.customer_id}
    add_plan(stand, payer)
    with stand.database.write() as session:
        add_offer(
            session,
            stand.creditor_id,
            OfferKind.EARLY_PAYMENT,
            "2",
            within_days=60,
            by="noa",
            now=NOW,
        )
    add(stand.database, Reply, medium="page", text="When?", received_at=NOW, **whose)
    later = NOW + timedelta(hours=1)
    add(
        stand.database, StaffAnswer, words="Soon.", written_at=later, written_by="Noa Levi", **whose
    )

    asked = _asked(stand, client, payer)

    assert "Our team has answered you" in client.get(payer.path).text
    assert len(asked) <= 18
    assert len(asked) == len(set(asked)), "nothing is asked twice"
