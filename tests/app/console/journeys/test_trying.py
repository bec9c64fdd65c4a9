"""A journey is tried on somebody: the form keeps what was typed, and tells day by day."""

from datetime import date, timedelta

import pytest

from app.staff.roles import Role
from app.store.rows import Halt
from tests.app.console.errand_loops import work
from tests.app.console.team import Seat, Team
from tests.factories import add, add_customer, add_invoice

PATH = "/console/design/journeys/consumer_gentle/try"
SAMPLE = {"whom": "sample", "sample": "he", "starts_on": "2026-06-01", "days": "5"}


def _refused(seat: Seat, **fields: str) -> str:
    answer = seat.presses(PATH, {**SAMPLE, **fields})
    assert answer.status_code == 422, answer.text[:500]
    return answer.text


def _asked(team: Team, seat: Seat, **fields: str) -> str:
    """The page of a trial that has ended."""
    answer = seat.presses(PATH, {**SAMPLE, **fields})
    assert answer.status_code == 303, answer.text[:500]
    work(team)
    return seat.opens(answer.headers["location"])


def test_whoever_may_look_may_try(team: Team, viewer: Seat) -> None:
    page = _asked(team, viewer, day0="4", what0="pays")
    assert page.count('class="is-said"') == 3
    assert "reminder_first" in page
    assert "thank_you" in page
    assert 'lang="he" dir="auto"' in page
    assert "The journey is over" in page


def test_while_it_goes_on_it_tells_how_far_it_is_and_can_be_stopped(
    team: Team, viewer: Seat, designer: Seat
) -> None:
    place = viewer.presses(PATH, SAMPLE).headers["location"]
    assert '<progress max="5" value="0"' in viewer.opens(place)
    assert "/stop" not in designer.opens(place)  # another's
    assert designer.presses(f"{place}/stop").status_code == 403

    viewer.does(f"{place}/stop")
    work(team)

    page = viewer.opens(place)
    assert "Stopped" in page
    assert "is-said" not in page


def test_what_was_asked_for_stands_in_the_form_again(team: Team, viewer: Seat) -> None:
    told = {"day1": "2", "what1": "replies", "words1": "xyzzy", "intent1": "hardship"}
    page = _asked(team, viewer, locale="lt", **told)
    for shown in ('value="xyzzy"', 'value="lt" selected', 'value="hardship" selected'):
        assert shown in page
    assert 'class="is-quiet"' in page


def test_a_draft_is_tried_in_place_of_what_runs(team: Team, designer: Seat) -> None:
    draft = PATH.replace("/try", "/draft")
    page = designer.does(draft)
    begin, end = page.index("<textarea"), page.index("</textarea>")
    text = page[begin:end].partition(">")[2].lstrip("\n").replace("&#34;", '"')
    text = text.replace("&gt;", ">").replace("&lt;", "<").replace("&#39;", "'")
    fields = {"draft": "1", "seen": "1", "text": text.replace("day: 3\n", "day: 2\n", 1)}
    designer.does(f"{draft}/save", fields)
    assert "reminder_first" in _asked(team, designer, days="3")


def test_a_journey_that_cannot_be_read_is_not_tried(designer: Seat) -> None:
    draft = PATH.replace("/try", "/draft")
    designer.does(draft)
    designer.does(f"{draft}/save", {"draft": "1", "seen": "1", "text": "journey: x"})
    page = _refused(designer)
    assert "Mend its findings first" in page


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"days": "500"}, "Choose between 1 and 120 days."),
        ({"starts_on": "soon"}, "Write a day as 2026-12-31."),
        ({"what0": "pays", "day0": "9"}, "Write a day of the trial, counted from 0."),
        ({"what0": "replies", "day0": "2"}, "Write what the customer says."),
        ({"whom": "customer", "q": "nobody"}, "Nobody was found."),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    viewer: Seat, fields: dict[str, str], why: str
) -> None:
    page = _refused(viewer, **fields)
    assert why in page
    for value in fields.values():
        assert value in page


def test_a_customer_is_found_and_chosen(team: Team) -> None:
    seat = team.seat(Role.APPROVER)
    for number, phone in (("C1", "+972521000001"), ("C2", "+972521000002")):
        customer_id = add_customer(team.database, team.creditor_id, number, phone=phone)
        due_on = date(2026, 6, 1) - timedelta(days=1)
        add_invoice(team.database, customer_id, f"I-{number}", due_on=due_on)
    page = _asked(team, seat, whom="customer", q="C2", starts_on="", days="5")
    assert 'name="customer" value="2" checked' in page
    assert "due_today" in page
    nothing = add_customer(team.database, team.creditor_id, "C3", phone="+972521000003")
    page = _refused(seat, whom="customer", customer=str(nothing))
    assert "This customer owes nothing." in page


def test_what_holds_for_all_days_stands_above_them(team: Team, viewer: Seat) -> None:
    customer_id = add_customer(team.database, team.creditor_id, "C-77", phone="+972521000077")
    add_invoice(team.database, customer_id)
    add(team.database, Halt, placed_at=team.clock.now(), placed_by="noa", note="a mistake")
    today = f"{team.clock.now():%Y-%m-%d}"

    page = _asked(team, viewer, whom="customer", customer=str(customer_id), starts_on=today)

    assert "The stop button is pressed" in page
    assert "is-said" not in page
