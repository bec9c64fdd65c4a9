"""What the audit trail holds of a consent, also of one from before it said who recorded it."""

import json

from app.book.consents import IMPORT
from app.records.sources import SOURCES, content_of
from app.store.engines import Database
from app.store.given import rows_given
from app.store.rows import Consent
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_creditor, add_customer


@on_both_stores
def test_a_line_of_before_reads_as_it_did_and_a_new_one_says_more(migrated_url: str) -> None:
    database = Database(migrated_url)
    customer = add_customer(database, add_creditor(database))
    word = {
        "customer_id": customer, "medium": "sms", "given": True, "at": NOON, "source": "contract",
        "method": "ticked",
    }  # fmt: skip
    new = {"basis": "consent", "recorded_by": IMPORT, "recorded_at": NOON}
    ids = [add(database, Consent, **word), add(database, Consent, **word, **new)]
    (source,) = [each for each in SOURCES if each.kind == "consent"]

    with database.read() as session:
        rows = rows_given(session, source.with_id, ids)
        told = [json.loads(content_of(source, row)) for row in sorted(rows, key=lambda r: r.id)]
    database.dispose()

    assert set(told[0]) == {
        "customer_id", "address_id", "medium", "given", "at", "source", "method", "evidence",
    }  # fmt: skip
    assert set(told[1]) - set(told[0]) == {"basis", "recorded_by", "recorded_at"}
