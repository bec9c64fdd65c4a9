"""A mapping as a form shows and changes it: what the form does not show stays."""

from pathlib import Path

import pytest

from app.book.guessing.proposal import propose
from app.book.guessing.remapping import ChosenTwice, Unshowable, form_of, rewritten
from app.book.mapping.source import read_mapping
from app.book.saved_mappings import feed_name, fitting, save_mapping
from app.store.engines import Database
from tests.app.book.feeds import MAPPING
from tests.app.book.make import NOW
from tests.databases import on_both_stores

TEXT = f"""{MAPPING}  debt_class: {{value: commercial}}
contacts:
  - phone: phone
    media: [sms] # only texts
dispute: {{ disputed: {{ column: odd, map: {{ ja: "yes", "*": "no" }} }} }}
"""


def test_a_form_shows_what_columns_and_constants_tell() -> None:
    form = form_of(TEXT)

    assert form.fields == {
        "cust": "customer.external_id", "name": "customer.name", "inv": "invoice.external_id",
        "amount": "invoice.amount", "due": "invoice.due_on", "phone": "phone",
        "odd": "dispute.disputed",
    }  # fmt: skip
    assert form.constants == {"invoice.debt_class"}
    assert form.facts["creditor.zone"] == "Asia/Jerusalem"


def test_the_same_choices_leave_the_text_as_it_was_read() -> None:
    form = form_of(TEXT)

    again = rewritten(TEXT, form.fields, form.facts)

    assert rewritten(again, form.fields, form.facts) == again
    assert again.splitlines()[:-4] == TEXT.splitlines()[:-4]
    assert form_of(again) == form
    assert "# only texts" in again


def test_another_column_keeps_what_else_the_source_says() -> None:
    form = form_of(TEXT)
    wanted = {**form.fields, "odd": "", "strange": "dispute.disputed", "mobile": "email"}

    changed = rewritten(TEXT, wanted, {"creditor.currency": "EUR", "file.dates": "%d.%m.%Y"})

    mapping = read_mapping(changed, "m")
    (part,) = mapping.parts
    assert part.fields["dispute"]["disputed"].column == "strange"
    assert part.fields["dispute"]["disputed"].words == {"ja": "yes", "*": "no"}
    assert mapping.creditor.currency == "EUR"
    assert part.form.writing.dates == ("%d.%m.%Y",)
    assert [point.kind for contact in part.contacts for point in contact.points] == [
        "phone", "email",
    ]  # fmt: skip


def test_a_field_that_no_column_has_any_more_goes_with_its_section() -> None:
    form = form_of(TEXT)
    wanted = {c: f for c, f in form.fields.items() if c not in ("odd", "phone")}

    changed = rewritten(TEXT, wanted, {})

    assert "dispute" not in changed
    assert "phone" not in changed


def test_two_columns_of_one_field_are_refused() -> None:
    with pytest.raises(ChosenTwice) as problem:
        rewritten(TEXT, {"a": "invoice.amount", "b": "invoice.amount"}, {})

    assert problem.value.field == "invoice.amount"


@pytest.mark.parametrize("text", ["files: { a: { name: x } }", "- a", "a: [", ""])
def test_what_no_form_can_show_says_so(text: str) -> None:
    with pytest.raises(Unshowable):
        form_of(text)


def test_a_proposal_is_shown_as_it_was_guessed(tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("customer no,name,invoice,amount,due date\nC1,Dana,I1,10.50,2026-09-01\n")

    form = form_of(propose(feed).text)

    assert form.fields["amount"] == "invoice.amount"
    assert form.fields["due date"] == "invoice.due_on"


@on_both_stores
def test_a_kept_mapping_is_found_again_by_its_columns(database: Database) -> None:
    with database.write() as session:
        name = save_mapping(
            session, read_mapping(MAPPING, "m"), MAPPING, "Open items 2026-09.csv", now=NOW
        )

    with database.read() as session:
        assert name == "north/open-items"
        header = ["cust", "name", "inv", "amount", "due", "more"]
        assert fitting(session, header, "OPEN_ITEMS_10.csv") == (name, MAPPING)
        assert fitting(session, header[1:], "OPEN_ITEMS_10.csv") is None
    assert feed_name("2026-10.csv") == "feed"
