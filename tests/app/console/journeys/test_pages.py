"""The room of the journeys: what runs, drafts from the first edit to their publication."""

import re
from importlib.resources import files

import pytest
from sqlalchemy import select

from app.staff.roles import Role
from app.store.given import table_of
from app.store.publishing import contents, current_of, publish
from app.store.rows import ActLine
from campaigns.language import read_journey
from tests.app.console.team import Seat, Team

BASE = "/console/design/journeys"
NAME = "consumer_gentle"
DRAFT = f"{BASE}/{NAME}/draft"
SHIPPED = sorted(
    each.name.removesuffix(".yaml")
    for each in files("campaigns").joinpath("library").iterdir()
    if each.name.endswith(".yaml")
)


def _shipped(name: str) -> str:
    return files("campaigns").joinpath("library", f"{name}.yaml").read_text("utf-8")


def _hidden(page: str) -> dict[str, str]:
    """The draft and the revision that the forms of a page name."""
    found = re.findall(r'<input type="hidden" name="(draft|seen)" value="(\d+)">', page)
    assert len(dict(found)) == 2, page[:500]
    return dict(found)


def _edited(seat: Seat, old: str, new: str) -> str:
    """Saves the draft with one change, and answers its page."""
    page = seat.opens(DRAFT)
    text = _shipped(NAME)
    assert old in text
    return seat.does(f"{DRAFT}/save", {**_hidden(page), "text": text.replace(old, new, 1)})


def _begun(designer: Seat) -> None:
    designer.does(DRAFT)


def _act(seat: Seat, act: str, **more: str) -> str:
    page = seat.opens(f"{DRAFT}/changes")
    return seat.does(f"{DRAFT}/{act}", {**_hidden(page), **more})


def test_the_list_names_every_journey(designer: Seat) -> None:
    page = designer.opens(BASE)
    for name in SHIPPED:
        assert f'href="{BASE}/{name}"' in page


@pytest.mark.parametrize("name", SHIPPED)
def test_the_flow_of_every_shipped_journey_is_drawn_whole(viewer: Seat, name: str) -> None:
    page = viewer.opens(f"{BASE}/{name}")
    journey = read_journey(_shipped(name), name)
    assert re.findall(r'<li id="step-([a-z_0-9]+)"', page) == [step.id for step in journey.steps]
    for template in journey.templates():
        assert f'href="/console/design/templates/{template}"' in page


@pytest.mark.parametrize("language", ["en", "he", "ar", "lt"])
def test_the_room_speaks_four_languages(team: Team, language: str) -> None:
    seat = team.seat(Role.DESIGNER, language=language)
    assert seat.presses(DRAFT).status_code == 303
    for path in (BASE, f"{DRAFT}/changes", f"{BASE}/{NAME}/try"):
        page = seat.opens(path)
        assert f'lang="{language}"' in page
        assert "Try it" not in page or language == "en"


def test_a_draft_is_written_approved_by_another_and_published(
    team: Team, designer: Seat, approver: Seat
) -> None:
    _begun(designer)
    page = _edited(designer, "day: 3\n", "day: 2\n")
    assert "No findings" in page
    changed = designer.opens(f"{DRAFT}/changes")
    assert re.search(r"reminder_first\W+ is on day \W*2\W+ and was on day \W*3", changed)
    _act(designer, "submit")
    _act(approver, "approve", note="Good.")
    page = _act(designer, "publish")
    assert "The journey is published" in page
    with team.database.read() as session:
        digest = current_of(session, "journey", NAME) or ""
        assert "day: 2\n" in contents(session, [digest])[digest]
        line = table_of(ActLine)
        rows = session.connection().execute(select(line.c.act).order_by(line.c.number))
        assert list(rows.scalars()) == [
            f"journey.{act}" for act in ("begun", "saved", "submitted", "approved", "published")
        ]
    assert "Version 2" in designer.opens(f"{BASE}/{NAME}")


def test_findings_stand_at_their_lines_and_keep_it_from_being_submitted(designer: Seat) -> None:
    _begun(designer)
    page = _edited(designer, "send: reminder_first", "send: reminder_frist")
    line = _shipped(NAME).splitlines().index("    send: reminder_first") + 1
    assert f'data-at="{line}"' in page
    assert 'Did you mean <code dir="auto">reminder_first</code>?' in page
    changes = designer.opens(f"{DRAFT}/changes")
    assert f"{DRAFT}/submit" not in changes
    refused = designer.presses(f"{DRAFT}/submit", _hidden(changes))
    assert refused.status_code == 422
    assert "Findings keep it from going on" in refused.text


def test_what_is_typed_is_checked_and_not_saved(designer: Seat) -> None:
    _begun(designer)
    page = designer.opens(DRAFT)
    typed = _shipped(NAME).replace("day: 3\n", "day: tree\n", 1)
    answer = designer.presses(f"{DRAFT}/check", {**_hidden(page), "text": typed})
    assert answer.status_code == 200
    assert "day: tree" in answer.text
    assert "1 finding<" in answer.text
    assert "day: tree" not in designer.opens(DRAFT)


def test_two_designers_never_overwrite_each_other(team: Team, designer: Seat) -> None:
    other = team.seat(Role.DESIGNER, name="Lena Katz")
    _begun(designer)
    seen = _hidden(other.opens(DRAFT))
    _edited(designer, "day: 3\n", "day: 2\n")
    mine = _shipped(NAME).replace("day: 10\n", "day: 9\n", 1)

    answer = other.presses(f"{DRAFT}/save", {**seen, "text": mine})

    assert answer.status_code == 422
    assert "Somebody changed the draft meanwhile" in answer.text
    assert "day: 9" in answer.text
    assert "day: 2\n" in other.opens(DRAFT)
    other.does(f"{DRAFT}/save", {**_hidden(answer.text), "text": mine})
    assert "day: 9\n" in other.opens(DRAFT)


def test_whoever_wrote_it_is_not_offered_to_approve_and_cannot(team: Team) -> None:
    both = team.seat(Role.DESIGNER, Role.APPROVER)
    _begun(both)
    _edited(both, "day: 3\n", "day: 2\n")
    page = _act(both, "submit")
    assert f"{DRAFT}/approve" not in page
    refused = both.presses(f"{DRAFT}/approve", _hidden(page))
    assert refused.status_code == 422
    assert "Somebody who did not write the draft must approve it." in refused.text


def test_it_is_given_back_with_what_is_to_be_done(designer: Seat, approver: Seat) -> None:
    _begun(designer)
    _edited(designer, "day: 3\n", "day: 2\n")
    _act(designer, "submit")
    _act(approver, "reject", note="Day 2 is too soon.")
    assert "Said with the decision: <bdi>Day 2 is too soon." in designer.opens(DRAFT)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_only_designers_write(team: Team, designer: Seat, role: Role) -> None:
    _begun(designer)
    seat = team.seat(role)
    page = seat.opens(DRAFT)
    assert "readonly" in page
    assert f'action="{DRAFT}/withdraw"' not in seat.opens(f"{DRAFT}/changes")
    for path in (BASE, DRAFT, f"{DRAFT}/save", f"{DRAFT}/publish", f"{DRAFT}/withdraw"):
        assert seat.presses(path, _hidden(page)).status_code == 403
    if role is not Role.APPROVER:
        assert seat.presses(f"{DRAFT}/approve", _hidden(page)).status_code == 403


def test_an_earlier_version_comes_back_as_a_draft(designer: Seat, approver: Seat) -> None:
    _begun(designer)
    _edited(designer, "day: 3\n", "day: 2\n")
    _act(designer, "submit")
    _act(approver, "approve")
    _act(designer, "publish")
    old = designer.opens(f"{BASE}/{NAME}/versions/1")
    assert "Begin a draft from it" in old
    page = designer.does(f"{BASE}/{NAME}/versions/1/restore")
    assert "day: 3\n" in page


def test_what_was_published_beside_it_is_taken_in(designer: Seat, team: Team) -> None:
    _begun(designer)
    _edited(designer, "day: 3\n", "day: 2\n")
    with team.database.write() as session:
        text = _shipped(NAME).replace("day: 3\n", "day: 4\n", 1)
        publish(session, "journey", NAME, text, now=team.clock.now())
    page = designer.opens(f"{DRAFT}/changes")
    assert "Something else was published meanwhile" in page
    both = designer.presses(f"{DRAFT}/take-in", _hidden(page))
    assert both.status_code == 422
    assert "Both changed the same lines" in both.text
    kept = _act(designer, "keep-mine")
    assert "Something else was published meanwhile" not in kept
    assert "day: 2" in kept


def test_a_new_journey_begins_with_a_name_of_its_own(designer: Seat) -> None:
    for name, why in (("Winter!", "Write small letters"), (NAME, "There is a journey of this")):
        answer = designer.presses(BASE, {"name": name})
        assert answer.status_code == 422
        assert why in answer.text
        assert name in answer.text
    page = designer.does(BASE, {"name": "winter"})
    assert "journey: winter" in page
    assert "No findings" in page
    assert f"{BASE}/winter/draft" in designer.opens(BASE)


def test_what_is_not_there_is_told_so(designer: Seat) -> None:
    for path in ("/nobody", "/nobody/draft", "/nobody/try", f"/{NAME}/versions/9"):
        designer.opens(f"{BASE}{path}", status=404)
    assert designer.presses(f"{BASE}/nobody/draft").status_code == 404
    _begun(designer)
    hidden = {**_hidden(designer.opens(DRAFT)), "draft": "99"}
    assert designer.presses(f"{DRAFT}/withdraw", hidden).status_code == 422
