"""What cannot be taken in says what to do, in the reader's language, and nothing stays."""

import re
from io import BytesIO

import pytest

from app.console.imports import uploading
from app.staff.roles import Role
from app.store.rows import Errand
from tests.app.book.feeds import HEADER
from tests.app.console.errand_loops import work
from tests.app.console.imports.uploads import (
    FEED,
    UPLOAD,
    columns,
    counted,
    facts,
    fault_of,
    upload,
)
from tests.app.console.latin import english_in
from tests.app.console.team import Seat, Team

SAID = {"en": "Line \u20681\u2069 of the mapping", "he": "שורה", "ar": "السطر", "lt": "Susiejimo"}


BROKEN = [
    ("", "The file is empty."),
    ("\x00\x01\x02\x00", 'class="fault"'),
    ("\n\n", "no header"),
]


def test_a_broken_file_is_told_and_nothing_stays(team: Team, agent: Seat) -> None:
    for content, says in BROKEN:
        files = {"files": ("feed.csv", BytesIO(content.encode()))}
        answer = agent.presses(UPLOAD, {"feed": "book"}, files=files)

        assert answer.status_code == 422
        assert says in answer.text
    assert counted(team, Errand) == 0
    assert not [*team.settings.errand_files.iterdir()]


@pytest.mark.parametrize(
    "content", [FEED.encode(), b"\x9f\x00\x80" * 50, b"PK\x03\x04" + b"x" * 90]
)
def test_what_is_named_a_workbook_and_is_none_is_told_so_in_the_readers_language(
    team: Team, content: bytes
) -> None:
    for language, says in (("en", "workbook"), ("he", "גיליון")):
        files = {"files": ("open items.xlsx", BytesIO(content))}
        answer = team.seat(Role.AGENT, language=language).presses(
            UPLOAD, {"feed": "book"}, files=files
        )

        assert answer.status_code == 422
        told = re.search(r'id="files-fault"[^>]*>(.*?)</p>', answer.text)
        assert told is not None
        assert says in told[1]
        assert language == "en" or english_in(f"<p>{told[1]}</p>", language) == []


def test_a_file_may_be_larger_than_a_form(team: Team, agent: Seat) -> None:
    rows = [f"C{n},Dana,I{n},{n}.50,2026-09-01" for n in range(10_000)]

    place = upload(agent, "\n".join([HEADER, *rows, ""]))

    assert place.startswith(UPLOAD)
    assert counted(team, Errand) == 1


def test_a_file_that_is_too_large_is_told(
    team: Team, agent: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "LARGEST", 10)
    answer = agent.presses(
        UPLOAD, {"feed": "book"}, files={"files": ("feed.csv", BytesIO(FEED.encode()))}
    )

    assert answer.status_code == 422
    assert "That is more than 200 MB" in answer.text
    assert counted(team, Errand) == 0


def test_a_form_without_a_file_keeps_what_was_chosen(agent: Seat) -> None:
    answer = agent.presses(UPLOAD, {"feed": "statement"})

    assert answer.status_code == 422
    assert "Choose a file." in answer.text
    assert 'value="statement" checked' in answer.text


def test_a_file_of_which_nothing_goes_in_says_what_to_do_instead(team: Team, agent: Seat) -> None:
    place = upload(agent)
    told = {**columns(agent.opens(place)), **facts(agent.opens(place))}
    told |= {
        "creditor.external_id": "north",
        "column-3": "invoice.amount",
        "column-4": "invoice.due_on",
    }
    place = agent.presses(f"{place}/mapping", told | {"file.dates": "%d.%m.%Y"}).headers["location"]
    work(team)

    page = agent.opens(place)

    assert "No row would go in as it is." in page
    assert "Correct below which column is what" in page
    assert "Bring it into the book" not in page
    assert "Bring it into the book" not in team.seat(Role.VIEWER).opens(place)


def test_what_is_not_there_is_404(agent: Seat) -> None:
    for number in ("0", "99", "x", "2147483648"):
        assert agent.browser.get(f"{UPLOAD}/{number}").status_code == 404
        assert agent.browser.get(f"/console/errands/{number}/file").status_code == 404


def test_what_is_wrong_with_a_mapping_names_its_line_in_words(team: Team, agent: Seat) -> None:
    place = upload(agent)

    for language, words in SAID.items():
        seat = team.seat(Role.AGENT, language=language)
        page = seat.presses(f"{place}/mapping", {"text": "schema: duly-mapping/9\n"}).text
        fault = fault_of(page)
        assert words in fault
        assert "mapping.yaml" not in fault
        assert language in ("en", "lt") or english_in(f"<p>{fault}</p>", language) == []


@pytest.mark.parametrize("content", ["<html></html>", "no statement"])
def test_a_file_that_cannot_be_taken_says_so_in_the_readers_language(
    team: Team, agent: Seat, content: str
) -> None:
    place = upload(agent, content, name="day.csv", feed="statement", creditor="nobody")
    work(team)

    for language in ("he", "ar"):
        fault = fault_of(team.seat(Role.AGENT, language=language).opens(place))
        assert fault
        assert 'lang="en"' not in fault
        assert english_in(f"<p>{fault}</p>", language) == []
