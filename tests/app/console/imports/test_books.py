"""Books in the console: nothing is taken before it was shown, and nothing is lost."""

import re
from io import BytesIO

from sqlalchemy import select

from app.staff.roles import Role
from app.store.given import table_of
from app.store.rows import ActLine, Invoice
from tests.app.book.feeds import MAPPING
from tests.app.console.errand_loops import work
from tests.app.console.imports.uploads import (
    FEED,
    UPLOAD,
    columns,
    counted,
    facts,
    upload,
    workbook,
)
from tests.app.console.team import Seat, Team
from tests.databases import on_both_stores

HEBREW = "מספר לקוח,שם,חשבונית,סכום,לתשלום עד\nC1,דנה כהן,I1,100.50,2026-09-01\n"


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
