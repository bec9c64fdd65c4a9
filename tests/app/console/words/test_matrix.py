"""The matrix agrees with the files, tells what is missing, and who says what."""

from __future__ import annotations

import re
from threading import Thread

from app.console.words.table import Line, lines, read_ahead
from app.delivery.words import PublishedWords
from app.engine.catalogue import Catalogue
from app.staff.roles import Role
from app.store.publishing import publish
from app.store.rows import ApprovedText
from app.wording.blanks import bodies
from app.wording.files import LOCALES, read_file, shipped_files
from app.wording.matrix import worked_out
from app.wording.revisions import revision_of
from app.wording.samples import render_sample, shipped
from tests.app.console.team import Seat, Team
from tests.app.console.words.forms import PATH
from tests.app.web.people import NOW
from tests.databases import on_both_stores
from tests.factories import add


def found(team: Team) -> dict[str, Line]:
    catalogue = Catalogue()
    with team.database.read() as session:
        catalogue.refresh(session)
        read = lines(session, PublishedWords(50).current(session), catalogue)
    return {line.name: line for line in read}


def without_german(team: Team) -> None:
    """Somebody has published the thanks without German."""
    words = [shipped().words_of("thank_you", locale) for locale in LOCALES if locale != "de"]
    revision = revision_of(words)
    with team.database.write() as session:
        publish(session, "template", "thank_you", revision.content, now=NOW)


@on_both_stores
def test_every_file_stands_in_its_cell(team: Team) -> None:
    told = found(team)
    for draft in shipped_files():
        words, _ = read_file(draft)
        assert words is not None
        spread = told[words.template].spread
        assert spread is not None
        assert spread.category == words.category
        seen = {medium for locale, medium in spread.cells if locale == words.locale}
        assert seen - {"sms_plain"} == set(words.media())
        assert ("sms_plain" in seen) == any(k.startswith("sms_plain") for k in words.texts)
    assert len(told) == len({draft.path.split("/")[-2] for draft in shipped_files()})
    assert not any(line.missing for line in told.values())


def test_who_opens_it_first_does_not_wait_for_what_was_read_ahead(
    team: Team, designer: Seat
) -> None:
    worked_out.cache_clear()
    read_ahead(team.database)
    read = worked_out.cache_info().misses

    designer.opens(PATH)

    assert read == len(found(team)) == worked_out.cache_info().misses


def test_who_opens_it_while_it_is_read_ahead_does_not_read_it_once_more(team: Team) -> None:
    worked_out.cache_clear()
    both = [Thread(target=read_ahead, args=(team.database,)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert worked_out.cache_info().misses == len(found(team))


def test_what_an_sms_costs_is_that_of_the_sample(team: Team) -> None:
    spread = found(team)["reminder_first"].spread
    assert spread is not None
    cell = spread.cell("he", "sms")
    assert cell is not None
    assert cell.size == render_sample("reminder_first", "sms", "he").size


def test_a_language_that_is_missing_is_found(team: Team, designer: Seat) -> None:
    without_german(team)

    assert found(team)["thank_you"].missing == {"de": ("email", "sms", "whatsapp")}
    page = designer.opens(f"{PATH}?missing=on")
    assert re.findall(rf'<th scope="row"><a href="{PATH}/(\w+)"', page) == ["thank_you"]
    assert "No template fits." in designer.opens(f"{PATH}?missing=on&locale=he")


def test_the_journeys_that_say_a_template_stand_beside_it(team: Team) -> None:
    told = found(team)
    assert "consumer_gentle" in told["reminder_first"].journeys
    assert "consumer_gentle" not in told["statement"].journeys


def test_what_whatsapp_says_of_every_text_is_told(team: Team) -> None:
    for locale, status in {"en": "approved", "lt": "rejected", "ar": "pending"}.items():
        for number, body in enumerate(bodies(shipped().words_of("thank_you", locale))):
            add(
                team.database, ApprovedText, provider="twilio", content_id=f"HX{locale}{number}",
                name=f"thank_you_{locale}_{number}", template="thank_you", template_hash="x",
                locale=locale, body=body.text, status=status, category="UTILITY", reason="",
                created_at=NOW, checked_at=NOW,
            )  # fmt: skip

    told = found(team)["thank_you"].approvals

    assert told == {
        "en": "approved", "lt": "rejected", "ar": "pending", "he": "never", "de": "never",
    }  # fmt: skip


def test_the_matrix_is_narrowed_by_kind_name_and_draft(team: Team, designer: Seat) -> None:
    def names(query: str) -> set[str]:
        page = designer.opens(f"{PATH}?{query}")
        return set(re.findall(rf'<th scope="row"><a href="{PATH}/(\w+)"', page))

    assert names("category=notice") == {
        line.name for line in found(team).values() if line.category == "notice"
    }
    assert names("name=reminder first") == {"reminder_first"}
    assert names("drafts=on") == set()
    assert names("category=nonsense&locale=xx") == set(found(team))


def test_the_room_speaks_the_language_of_its_reader(team: Team) -> None:
    for language in ("en", "he", "ar", "lt"):
        seat = team.seat(Role.DESIGNER, language=language)
        for path in (PATH, f"{PATH}/reminder_first", "/console/design/new-template"):
            page = seat.opens(path)
            assert f'<html lang="{language}"' in page
            assert ("Templates" in page) == (language == "en")
