"""Imports in the console: nothing is taken before it was shown, and nothing is lost."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from app.console.imports import uploading
from app.console.selections import SELECTIONS
from app.errands.doing import Means
from app.errands.files import Files
from app.errands.kinds import Lane
from app.errands.own_lists import EXPORTS
from app.loops.errands import Errands
from app.staff.roles import Role
from app.store.documents import Documents
from app.store.given import table_of
from app.store.rows import ActLine, Errand, Invoice
from tests.app.book.feeds import HEADER, MAPPING
from tests.app.book.statements.files import camt, details, entry
from tests.app.console.latin import english_in
from tests.app.console.team import Seat, Team, rooms_named, sitting
from tests.databases import on_both_stores

UPLOAD = "/console/book/imports"
FEED = f"{HEADER}\nC1,Dana,I1,100.50,2026-09-01\nC2,<b>Omar</b>,I2,wrong,2026-09-01\n"


@pytest.fixture
def team(migrated_url: str, tmp_path: Path) -> Iterator[Team]:
    with sitting(
        migrated_url,
        rooms=rooms_named("imports", "errands", "queues"),
        documents=tmp_path / "documents",
    ) as built:
        yield built


def work(team: Team) -> None:
    """The loops of errands, until nothing is due."""
    documents = team.settings.documents
    means = Means(
        team.database,
        Files(team.settings.errand_files),
        Documents(documents),
        team.settings.secret,
        EXPORTS,
        SELECTIONS,
    )
    for lane in Lane:
        errands = Errands(means, lane, clock=team.clock.now)
        while errands.tick(team.clock.now()):
            continue


def upload(
    seat: Seat, content: str | bytes = FEED, *, name: str = "open-items.csv", **more: str
) -> str:
    """The page that the uploaded file leads to."""
    told = content.encode() if isinstance(content, str) else content
    files = {"files": (name, BytesIO(told))}
    return seat.presses(UPLOAD, {"feed": "book", **more}, files=files).headers["location"]


def counted(team: Team, model: type) -> int:
    with team.database.read() as session:
        query = select(func.count()).select_from(table_of(model))
        return int(session.connection().execute(query).scalar_one())


def columns(page: str) -> dict[str, str]:
    """Which field each column is, as the form shows it."""
    found = {}
    for name, rest in re.findall(r'<select name="(column-\d+)"(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', rest)
        found[name] = chosen[1] if chosen else ""
    return found


def facts(page: str) -> dict[str, str]:
    found = re.findall(r'name="((?:creditor|file)\.\w+)" type="text" value="([^"]*)"', page)
    return dict(found)


def workbook() -> bytes:
    """Two sheets that say something; the rows stand on the second, below a title."""
    made = Workbook()
    made.worksheets[0]["A1"] = "Read me"
    sheet = made.create_sheet("Open items")
    for line in ["Open items in September", *FEED.split()]:
        sheet.append(line.split(","))
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def test_another_sheet_and_other_headings_are_chosen_in_the_form(team: Team, agent: Seat) -> None:
    place = upload(agent, workbook(), name="open.xlsx")
    page = agent.opens(place)
    assert re.search(r'<option value="Open items" selected', page)
    assert facts(page)["file.skip"] == "1"
    told = {**columns(page), **facts(page)}
    for changed, first in (
        ({"file.sheet": "Sheet"}, "Read me"),
        ({"file.skip": "2"}, "C1"),
        ({"file.skip": ""}, "Open items in September"),
    ):
        asked = {"file.sheet": "Open items", **told, **changed}
        again = agent.presses(f"{place}/mapping", asked).headers["location"]
        shown = agent.opens(again)
        assert f'<th scope="row"><bdi>{first}</bdi></th>' in shown
        assert facts(shown)["file.skip"] == changed.get("file.skip", "")


def test_a_file_that_was_only_looked_at_stays_on_the_list(team: Team, agent: Seat) -> None:
    place = upload(agent, FEED.replace("wrong", "7.50"))
    work(team)
    assert "Only looked at so far" in agent.opens(UPLOAD)
    told = columns(agent.opens(place))
    place = agent.presses(f"{place}/mapping", told).headers["location"]
    work(team)
    page = agent.opens(UPLOAD)
    assert page.count("open-items.csv") == 1, "its last check stands for it"
    assert f'href="{place}"' in page
    agent.presses(f"{place}/take")
    work(team)
    page = agent.opens(UPLOAD)
    assert "Only looked at so far" not in page
    assert page.count("open-items.csv") == 1


@on_both_stores
def test_a_file_is_looked_at_mapped_tried_taken_and_mended(team: Team, agent: Seat) -> None:
    place = upload(agent)
    work(team)
    page = agent.opens(place)
    assert counted(team, Invoice) == 0
    assert columns(page)["column-0"] == "customer.external_id"
    assert columns(page)["column-3"] == "", "half of its cells are no numbers"
    assert "&lt;b&gt;Omar&lt;/b&gt;" in page
    assert "No column is “Invoice: amount”" in page.replace("<bdi>", "").replace("</bdi>", "")
    assert "It could not be done" not in page, "what is missing is told once, at the columns"

    wrong = {**columns(page), **facts(page), "column-3": "invoice.amount", "column-4": ""}
    wrong |= {"creditor.external_id": "north", "creditor.currency": "ILS"}
    refused = agent.presses(f"{place}/mapping", wrong)
    assert refused.status_code == 422
    assert "due_on" in refused.text

    place = agent.presses(f"{place}/mapping", {**wrong, "column-4": "invoice.due_on"}).headers[
        "location"
    ]
    work(team)
    page = agent.opens(place)
    assert "If it is taken in" in page
    assert "New creditor" in page
    assert counted(team, Invoice) == 0

    place = agent.presses(f"{place}/take").headers["location"]
    work(team)
    page = agent.opens(place)
    assert counted(team, Invoice) == 1
    assert "Mend what stayed out" in page

    (path,) = re.findall(r'href="(/console/queues/rejects/\d+)"', page)
    page = agent.opens(path)
    assert 'value="wrong"' in page
    (mend,) = re.findall(r'action="(/console/queues/rejects/\d+/rows/\d+/mend)"', page)
    (seen,) = set(re.findall(r'name="seen" value="([^"]+)"', page))
    cells = re.findall(r'name="(cell-\d)" value="([^"]*)"', page)
    agent.does(mend, {**dict(cells), "cell-3": "7.50", "seen": seen})
    assert counted(team, Invoice) == 2
    page = agent.opens(place)
    assert "Mend what stayed out" not in page
    assert re.search(r"Mended or left out since: \W*(<bdi>)?1\b", page)
    assert "is no number with the decimal sign" not in page, "what is mended is not refused"
    acts = table_of(ActLine)
    with team.database.read() as session:
        told = session.connection().execute(select(acts.c.act).order_by(acts.c.number)).scalars()
        assert list(told) == [
            "import_uploaded", "import_mapped", "import_taken", "reject.mended",
        ]  # fmt: skip


def test_the_mapping_is_kept_for_the_next_file(team: Team, agent: Seat) -> None:
    place = upload(agent)
    place = agent.presses(f"{place}/mapping", {"text": MAPPING}).headers["location"]
    work(team)
    agent.presses(f"{place}/take")

    work(team)
    place = upload(agent, name="Open items 2.csv")
    work(team)
    page = agent.opens(place)

    assert facts(page)["creditor.external_id"] == "north"
    assert "It is the book of <bdi>North" in page
    assert "New creditor" not in page


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


HEBREW = "מספר לקוח,שם,חשבונית,סכום,לתשלום עד\nC1,דנה כהן,I1,100.50,2026-09-01\n"


def test_a_book_is_read_in_the_encoding_that_is_chosen(team: Team, agent: Seat) -> None:
    place = upload(agent, HEBREW.encode("cp1255"))
    page = agent.opens(place)
    assert '<option value="cp1255" selected>' in page
    assert "דנה כהן" in page

    told = {**columns(page), **facts(page), "file.encoding": "cp1256"}
    answer = agent.presses(f"{place}/mapping", told)
    assert answer.status_code == 422, "it has none of the columns that are needed"

    told |= {"file.encoding": "cp1255", "creditor.external_id": "north"}
    place = agent.presses(f"{place}/mapping", told).headers["location"]
    work(team)
    assert "If it is taken in" in agent.opens(place)


def test_a_statement_is_read_in_the_encoding_that_is_chosen(team: Team, agent: Seat) -> None:
    from tests.factories import add_creditor

    add_creditor(team.database, external_id="south", currency="EUR")
    told = "Booking date;Amount;Text\n2026-09-01;25.00;דנה כהן\n".encode("cp1255")
    as_it_is = {"name": "day.csv", "feed": "statement", "creditor": "south"}
    place = upload(agent, told, **as_it_is)
    work(team)
    fault = _fault(agent.opens(place))
    assert "name the encoding that it is written in" in fault

    place = upload(agent, told, encoding="cp1255", **as_it_is)
    work(team)
    assert "If it is taken in" in agent.opens(place)
    place = agent.presses(f"{place}/take").headers["location"]
    work(team)

    assert "What came of it" in agent.opens(place)
    files = {"files": ("day.csv", BytesIO(told))}
    odd = {"feed": "statement", "creditor": "south", "encoding": "rot13"}
    assert agent.presses(UPLOAD, odd, files=files).status_code == 422


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


def test_a_statement_is_tried_and_taken(team: Team, agent: Seat) -> None:
    from tests.factories import add_creditor

    add_creditor(team.database, external_id="south", currency="EUR")
    told = camt(entry("25.00", details()))
    place = upload(agent, told, name="day.xml", feed="statement", creditor="south")
    work(team)
    assert "Nobody’s so far" in agent.opens(place)

    place = agent.presses(f"{place}/take").headers["location"]
    work(team)

    assert "€25.00" in agent.opens(place)


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


def test_a_statement_that_is_known_already_says_so(team: Team, agent: Seat) -> None:
    from tests.factories import add_creditor

    add_creditor(team.database, external_id="south", currency="EUR")
    told = {"name": "day.xml", "feed": "statement", "creditor": "south"}
    place = upload(agent, camt(entry("25.00", details())), **told)
    work(team)
    agent.presses(f"{place}/take")
    work(team)

    place = upload(agent, camt(entry("25.00", details())), **told)
    work(team)

    page = agent.opens(place)
    assert "All of it is in the book already" in page
    assert "Bring it into the book" not in page


def test_who_only_looks_sees_and_takes_nothing(team: Team, agent: Seat, viewer: Seat) -> None:
    place = upload(agent)
    work(team)

    page = viewer.opens(place)

    assert "/take" not in page
    assert "Check again" not in page
    assert "Bring in a file" not in viewer.opens(UPLOAD)
    files = {"files": ("feed.csv", BytesIO(FEED.encode()))}
    assert viewer.presses(UPLOAD, {"feed": "book"}, files=files).status_code == 403
    assert viewer.presses(f"{place}/take").status_code == 403


def test_one_that_is_on_its_way_is_stopped(team: Team, agent: Seat) -> None:
    place = upload(agent)
    number = place.rpartition("/")[2]

    page = agent.does(f"/console/errands/{number}/stop")

    assert "Stopped" in page
    work(team)
    assert agent.presses(f"{place}/take").status_code == 422


def test_the_pages_speak_the_language_of_their_reader(team: Team, agent: Seat) -> None:
    place = upload(agent)
    work(team)

    for language in ("en", "he", "ar", "lt"):
        seat = team.seat(Role.AGENT, language=language)
        for path in (UPLOAD, place, "/console/errands"):
            page = seat.opens(path)
            assert f'<html lang="{language}"' in page
            assert ("Background work" in page) == (language == "en")


def test_what_is_not_there_is_404(agent: Seat) -> None:
    for number in ("0", "99", "x", "2147483648"):
        assert agent.browser.get(f"{UPLOAD}/{number}").status_code == 404
        assert agent.browser.get(f"/console/errands/{number}/file").status_code == 404


@on_both_stores
def test_a_list_leaves_as_a_file(team: Team, agent: Seat, viewer: Seat) -> None:
    told = {"export": "open-invoices", "type": "csv", "creditor": str(team.creditor_id)}
    place = agent.presses("/console/errands/export", told).headers["location"]
    work(team)
    assert "Download" in agent.opens(place)

    answer = agent.browser.get(f"{place}/file")

    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.startswith("\ufeffcreditor,customer")
    assert agent.presses("/console/errands/export", {"type": "exe"}).status_code == 422
    assert viewer.presses("/console/errands/export", told).status_code == 403


def test_one_bad_cell_of_three_is_marked_and_its_column_stays(team: Team, agent: Seat) -> None:
    content = f"{FEED}C3,Lea,I3,20,2026-09-02\n"

    place = upload(agent, content)
    page = agent.opens(place)

    assert columns(page)["column-3"] == "invoice.amount"
    (cell,) = re.findall(r"<bdi>wrong</bdi> (<small.*?</small>)", page)
    assert "is no number with the decimal sign" in cell
    assert page.count('<small class="fault">') == 1
    page = team.seat(Role.AGENT, language="he").opens(place)
    (cell,) = re.findall(r"<bdi>wrong</bdi> (<small.*?</small>)", page)
    assert 'lang="en"' not in cell


SAID = {"en": "Line \u20681\u2069 of the mapping", "he": "שורה", "ar": "السطر", "lt": "Susiejimo"}


def test_what_is_wrong_with_a_mapping_names_its_line_in_words(team: Team, agent: Seat) -> None:
    place = upload(agent)

    for language, words in SAID.items():
        seat = team.seat(Role.AGENT, language=language)
        page = seat.presses(f"{place}/mapping", {"text": "schema: duly-mapping/9\n"}).text
        fault = _fault(page)
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
        fault = _fault(team.seat(Role.AGENT, language=language).opens(place))
        assert fault
        assert 'lang="en"' not in fault
        assert english_in(f"<p>{fault}</p>", language) == []


def _fault(page: str) -> str:
    return page.partition('role="alert">')[2].partition("</div>")[0]
