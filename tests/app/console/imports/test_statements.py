"""Bank statements in the console: tried before they are taken, known ones told."""

from io import BytesIO

from tests.app.book.statements.files import camt, details, entry
from tests.app.console.errand_loops import work
from tests.app.console.imports.uploads import UPLOAD, fault_of, upload
from tests.app.console.team import Seat, Team


def test_a_statement_is_read_in_the_encoding_that_is_chosen(team: Team, agent: Seat) -> None:
    from tests.factories import add_creditor

    add_creditor(team.database, external_id="south", currency="EUR")
    told = "Booking date;Amount;Text\n2026-09-01;25.00;דנה כהן\n".encode("cp1255")
    as_it_is = {"name": "day.csv", "feed": "statement", "creditor": "south"}
    place = upload(agent, told, **as_it_is)
    work(team)
    fault = fault_of(agent.opens(place))
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
