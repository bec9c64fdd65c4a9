"""A draft is shown as its reader would see it, and nothing in it can do anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha512
from html import unescape
from time import process_time

import pytest

from app.console.words import letters
from app.console.words.preview import Press, Reader, Shown
from app.engine.catalogue import Catalogue
from app.staff.roles import Role
from app.wording.formats import formats_for
from app.wording.samples import SAMPLES, shipped
from app.wording.words import LocalWords, Text
from tests.app.console.team import Seat, Team
from tests.app.console.words.forms import PATH, fields_in, form_of
from tests.app.delivery.cast import REMINDED, creditor, intend, owing
from tests.app.wording.test_language import ATTACKS
from tests.world import World

MAIL = re.compile(r'src="(/console/design/template-mail\?w=[^"]+)"')


def typed(seat: Seat, key: str, source: str, **more: str) -> str:
    """The page of the first reminder after this was typed into one text of it."""
    form = form_of(seat, "reminder_first") | {f"t.{key}": source, **more}
    answer = seat.presses(f"{PATH}/reminder_first/show", form)
    assert answer.status_code == 200
    return answer.text


def seen_in(page: str) -> str:
    """The part of the page that shows the message."""
    return page[page.index('<div id="seen"') :]


def press(team: Team, words: LocalWords, reader: Reader) -> dict[str, Shown]:
    with team.database.read() as session:
        shown = Press(session, Catalogue(), team.clock.now(), "https://pay.example.com").shown(
            words, reader
        )
    return {one.medium: one for one in shown}


def test_every_language_is_shown_on_every_medium_in_its_direction(team: Team) -> None:
    words = shipped()
    for locale in words.locales_of("reminder_first"):
        for sample in SAMPLES:
            shown = press(team, words.words_of("reminder_first", locale), Reader(sample=sample))
            assert list(shown) == ["email", "sms", "sms_plain", "whatsapp"]
            for one in shown.values():
                assert one.rendered is not None, (locale, sample, one)
                assert one.direction == ("rtl" if formats_for(locale).rtl else "ltr")
                assert "{{link" not in one.text
            for medium in ("sms", "sms_plain"):
                costs, said = shown[medium].costs, shown[medium].rendered
                assert costs is not None
                assert said is not None
                assert costs.size == said.size
                assert not {"{", "}"} & set(costs.doubled)
            assert "pay.example.com/p/…" in shown["sms"].text
            assert "pay.example.com" not in shown["sms_plain"].text


def test_what_is_typed_is_shown_and_nothing_is_kept(team: Team, designer: Seat) -> None:
    page = typed(designer, "sms", "{{ creditor }}: Look at {{ total }}.")

    assert "Alder &amp; Finch: Look at €124.50." in unescape(seen_in(page)).replace("&", "&amp;")
    assert fields_in(page)["t.sms"] == "{{ creditor }}: Look at {{ total }}."
    assert "Not kept yet" in page
    assert "Look at" not in form_of(designer, "reminder_first")["t.sms"]


def test_the_character_that_costs_money_is_marked_named_and_made_plain(designer: Seat) -> None:
    dear = "{{ creditor }}: 5 ₪ from {{ sender }}. {{ stop }} {{ pay_link }}"

    page = typed(designer, "sms", dear)

    assert '<mark class="dear">₪</mark>' in page
    assert "U+20AA NEW SHEQEL SIGN" in page
    plain = typed(designer, "sms", dear, do="plain:20AA")
    assert "5 ILS from" in fields_in(plain)["t.sms"]
    assert "NEW SHEQEL" not in plain


def test_findings_stand_at_their_text_and_line(designer: Seat) -> None:
    page = typed(designer, "sms", "{{ creditor }}: hello\n{{ totl }} {{ sender }} {{ stop }}")

    at = page[page.index('id="xf-sms"') :].partition("</div>")[0]
    assert '<b>2:</b> unknown variable <code dir="auto">totl</code>' in at
    assert ">total</code>" in at
    assert 'id="xf-email-subject" class="faults"></div>' in page
    assert "iframe" in seen_in(page)  # the mail is shown all the same


def test_a_fact_that_is_missing_refuses_the_message(designer: Seat) -> None:
    text = "{{ creditor }}: dear {{ name }}, {{ sender }} {{ pay_link }} {{ stop }}"

    page = typed(designer, "sms", text, sample="no_name")

    assert "It would not be sent:" in seen_in(page)


def test_a_text_that_was_approved_must_be_approved_again(team: Team, designer: Seat) -> None:
    page = typed(designer, "whatsapp.text", "{{ creditor }} {{ sender }} {{ pay_link }} {{ stop }}")

    assert "1 text to be approved" in page


def test_an_attack_in_a_draft_does_nothing(designer: Seat) -> None:
    form = form_of(designer, "reminder_first")
    for name, source in ATTACKS.items():
        attack = f"<script>alert(1)</script>{source}"
        began = process_time()
        answer = designer.presses(
            f"{PATH}/reminder_first/show", form | {"t.email.body.0": attack, "t.sms": attack}
        )
        assert process_time() - began < 3, name
        assert answer.status_code == 200, name
        page = answer.text
        assert "<script>alert" not in page, name
        assert "/bin/" not in seen_in(page)
        assert seen_in(page).count('<p class="fault"') >= 2, name
        assert fields_in(page)["t.sms"] == attack, name


def test_markup_in_a_mail_is_text_in_its_frame(designer: Seat) -> None:
    page = typed(
        designer, "email.body.0", '<img src=x onerror=alert(1)><a href="https://evil">x</a>'
    )
    found = MAIL.search(page)
    assert found is not None

    answer = designer.browser.get(unescape(found[1]))

    assert answer.status_code == 200
    assert "<img" not in answer.text
    assert "https://evil</a>" not in answer.text
    assert "&lt;img src=x" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_no_link_of_a_shown_mail_leads_anywhere(designer: Seat) -> None:
    found = MAIL.search(designer.opens(f"{PATH}/reminder_first"))
    assert found is not None

    mail = designer.browser.get(unescape(found[1])).text

    assert set(re.findall(r'href="([^"]*)"', mail)) == {"#"}
    assert "{{link" not in mail


def test_a_mail_that_we_did_not_seal_is_not_shown(team: Team, designer: Seat) -> None:
    words = shipped().words_of("reminder_first", "en")
    good = letters.sealed(words, Reader(), team.settings.secret)
    forged = letters.sealed(words, Reader(), b"a secret of somebody else, long enough")
    assert good is not None
    for told in (forged, good[:-1], good.replace(".", "A."), "", "x.y", "é.é"):
        designer.opens(f"/console/design/template-mail?w={told}", 404)


def test_more_than_an_address_holds_is_told(team: Team) -> None:
    words = shipped().words_of("reminder_first", "en")
    texts = {f"email.body.{n}": Text(sha512(b"%d" % n).hexdigest()) for n in range(200)}
    assert letters.sealed(replace(words, texts=texts), Reader(), team.settings.secret) is None


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    found = World(migrated_url)
    yield found
    found.close()


def asked_in(world: World, words: LocalWords, reader: Reader) -> dict[str, Shown]:
    catalogue = Catalogue()
    with world.database.read() as session:
        catalogue.refresh(session)
        shown = Press(session, catalogue, world.now, "https://pay.example.com").shown(words, reader)
    return {one.medium: one for one in shown}


def test_a_real_customer_is_shown_in_any_language_without_a_real_link(world: World) -> None:
    owed = creditor(world)
    owing(world, owed, "C7", due_on=REMINDED, phone="+972521234567")
    intend(world)
    words = shipped()
    for locale in ("en", "he", "lt"):
        shown = asked_in(world, words.words_of("reminder_first", locale), Reader(customer="C7"))
        assert "INV-C7" in shown["email"].text
        assert "pay.example.com/p/…" in shown["sms"].text


def test_why_a_customer_is_not_shown_is_told_without_their_name(world: World) -> None:
    creditor(world)
    words = shipped().words_of("reminder_first", "en")

    shown = asked_in(world, words, Reader(customer="nobody"))

    assert {one.why for one in shown.values()} == {"number"}


def test_a_viewer_looks_and_is_offered_nothing(team: Team) -> None:
    seat = team.seat(Role.VIEWER)

    page = seat.opens(f"{PATH}/reminder_first")

    assert "readonly" in page
    assert "Save the draft" not in page[: page.index("<dialog")]
    assert 'name="do"' not in page.replace('value="plain', "")
    assert "Look at" in typed(seat, "sms", "Look at")
