"""'What happens next': in the customer's words, from the case as it stands."""

import re
from datetime import date, timedelta

import pytest
from starlette.testclient import TestClient

from app.engine.outlook import Kind, Outlook
from app.loops.assembly import publish_shipped
from app.store.rows import Hold
from app.web.catalogues import languages
from app.web.ways.next import in_words
from campaigns.reasons import REASONS
from tests.app.web.people import NOW, Payer, Stand, add_payer, change, one_value
from tests.databases import on_both_stores
from tests.factories import add

DAY = date(2026, 12, 3)
UNDATED = (Kind.DISPUTE, Kind.HELP, Kind.ARRIVING, Kind.PAUSED, Kind.NOTHING)


@pytest.fixture
def walked(stand: Stand) -> Payer:
    """A customer whose case has said its second reminder, by the published journey."""
    publish_shipped(stand.database, NOW)
    payer = add_payer(stand)
    first = one_value(stand, f"SELECT min(id) FROM invoice WHERE customer_id = {payer.customer_id}")
    change(
        stand,
        f"UPDATE dunning_case SET anchor_invoice_id = {first}, reached = 10,"
        """ done = '["due_today", "reminder_first", "reminder_second"]'""",
    )
    return payer


def section(client: TestClient, payer: Payer, lang: str = "en") -> str:
    page = client.get(f"{payer.path}/timeline?lang={lang}").text
    found = re.search(
        r'</h1>\s*(<h2.*?)<h2[^>]*>[^<]*</h2>\s*<ol class="timeline"', page, re.DOTALL
    )
    return found[1] if found else ""


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_said_in_each_language(kind: Kind, language: str) -> None:
    said = in_words(Outlook(kind, None if kind in UNDATED else DAY), language, language)

    assert "%(" not in said.what + said.change
    assert ("2026" in said.what) is (kind not in UNDATED)
    assert said.change
    assert said.why is None
    assert in_words(Outlook(kind, DAY, moved=True), language, language).why


@pytest.mark.parametrize("kind", [Kind.PLAN, Kind.READING])
def test_a_day_that_is_not_known_is_left_out(kind: Kind) -> None:
    assert "%(" not in in_words(Outlook(kind), "en", "en").what


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "we will write again on <bdi>3 December 2026</bdi>"),
        ("he", "נכתוב שוב ב־<bdi>3 בדצמבר 2026</bdi>"),
        ("ar", "يوم <bdi>3 ديسمبر 2026</bdi>"),
        ("lt", "vėl parašysime <bdi>2026 m. gruodžio 3 d.</bdi></p>"),
    ],
)
def test_the_next_message_is_told_with_its_day(
    client: TestClient, walked: Payer, lang: str, words: str
) -> None:
    assert words in section(client, walked, lang)


def test_a_hold_says_why_nothing_comes(stand: Stand, client: TestClient, walked: Payer) -> None:
    person = one_value(stand, f"SELECT person_id FROM customer WHERE id = {walked.customer_id}")
    placed = {"placed_at": NOW, "renewed_at": NOW}
    columns = {"person_id": person, "customer_id": walked.customer_id, **placed}
    add(stand.database, Hold, kind="reply", until=NOW + timedelta(days=7), **columns)

    reading = section(client, walked)
    change(stand, "UPDATE hold SET kind = 'hardship'")
    helping = section(client, walked)
    change(stand, "UPDATE hold SET kind = 'legal'")
    paused = section(client, walked)

    assert "no reminders before <bdi>1 December 2026</bdi>" in reading
    assert "A person from our team will be in touch" in helping
    assert "Reminders are paused." in paused
    for text in (reading, helping, paused):
        assert not set(re.findall(r"[a-z]+_[a-z_]+", text)) & set(REASONS)


@on_both_stores
def test_it_is_left_out_where_it_cannot_be_told_or_nothing_is_owed(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    unpublished = section(client, dana)
    publish_shipped(stand.database, NOW)
    assert section(client, dana) != unpublished
    assert "No message is planned" in unpublished
    change(stand, "UPDATE invoice SET open_minor = 0")
    assert section(client, dana) == ""
