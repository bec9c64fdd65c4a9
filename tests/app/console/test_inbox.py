"""The inbox as its pages are pressed: taken, answered, classed, handed on, matched."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.hearing.intents import Intent
from app.staff.roles import Role
from app.wording.staff_words import answers_for
from tests.app.console.team import Seat, Team, rooms_named, sitting
from tests.app.console.writing import HOME, scene_of
from tests.app.intake.make import MAILBOX, Scene
from tests.app.intake.saying import WORDS, says
from tests.databases import on_both_stores
from tests.factories import NOON


@pytest.fixture
def team(migrated_url: str) -> Iterator[Team]:
    with sitting(migrated_url, rooms=rooms_named("inbox"), at=NOON) as built:
        yield built


@pytest.fixture
def scene(team: Team) -> Scene:
    return scene_of(team, locale="he")


def _fence(page: str) -> str:
    found = re.search(r'name="fence" value="(\d+)"', page)
    assert found is not None
    return found[1]


def _takes(seat: Seat, item: int = 1) -> str:
    return seat.does(f"{HOME}/{item}/take")


@on_both_stores
def test_the_list_says_who_wrote_what_and_how_urgent_it_is(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.UNCLEAR, key="sandbox:1", text="what is this?")
    says(scene, Intent.SELF_HARM, key="sandbox:2", text="a secret")

    page = agent.opens(HOME)

    assert page.index("Danger") < page.index("what is this?")
    assert "a secret" not in page
    assert "Customer C1" in page
    assert "what is this?" not in agent.opens(f"{HOME}?urgency=0")
    assert "Nothing waits" in agent.opens(f"{HOME}?owner=1@house.example")


def test_who_opens_it_has_it_and_others_see_so(scene: Scene, agent: Seat, team: Team) -> None:
    says(scene, Intent.UNCLEAR)
    page = _takes(agent)
    assert WORDS in page
    other = team.seat(Role.AGENT, name="Dan Cohen")

    refused = other.does(f"{HOME}/1/take")

    assert "<bdi>Noa Levi</bdi> is working on it until" in refused
    assert 'name="answer"' not in refused
    assert "<bdi>Noa Levi</bdi> is working on it" in other.opens(HOME)
    answer = other.presses(f"{HOME}/1/answer", {"words": "Hello", "fence": _fence(page)})
    assert answer.status_code == 422
    agent.does(f"{HOME}/1/give-back")
    assert _takes(other)


def test_what_another_is_at_is_not_handed_on_dated_or_noted_on(
    scene: Scene, agent: Seat, team: Team
) -> None:
    says(scene, Intent.UNCLEAR)
    fence = _fence(_takes(agent))
    other = team.seat(Role.AGENT, name="Dan Cohen")
    tables = ("inbox_item", "task", "special_note", "work_lease")
    before = [scene.rows(table) for table in tables]

    for path, typed in (
        ("assign", {"owner": ""}),
        ("deadline", {"due": "2026-06-01T15:30"}),
        ("note", {"note": "Works again in July"}),
    ):
        assert f'action="{HOME}/1/{path}"' not in other.opens(f"{HOME}/1")
        assert other.presses(f"{HOME}/1/{path}", {**typed, "fence": "0"}).status_code == 422
        assert other.presses(f"{HOME}/1/{path}", {**typed, "fence": fence}).status_code == 422

    assert [scene.rows(table) for table in tables] == before


def test_whoever_hands_it_on_lets_go_of_it_and_takes_no_alarm(
    scene: Scene, agent: Seat, team: Team
) -> None:
    says(scene, Intent.SELF_HARM, text="a secret")
    other = team.seat(Role.AGENT, name="Dan Cohen")
    page = agent.opens(f"{HOME}/1")
    (owner,) = re.findall(r'<option value="([^"]+)">Dan Cohen', page)

    agent.does(f"{HOME}/1/assign", {"owner": owner, "fence": _fence(page)})

    assert len(scene.rows("alarm", "taken_at IS NULL")) == 1
    assert "a secret" not in _takes(other)
    assert scene.rows("alarm", "taken_at IS NULL") == []


def test_an_answer_by_one_key_goes_in_the_customers_language(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.PROMISE)
    page = _takes(agent)
    (first, *_) = answers_for(Intent.PROMISE)
    assert "Which day suits you?" in page
    assert 'data-key="1"' in page

    after = agent.does(f"{HOME}/1/answer", {"answer": str(first), "fence": _fence(page)})

    assert "Nothing waits" in after
    (answer,) = scene.rows("staff_answer")
    assert (answer["written_by"], answer["words"][:4]) == ("Noa Levi", "תודה")
    assert "message_answered" in [row["kind"] for row in scene.rows("event")]
    (act,) = scene.rows("act_line", "act = 'text_answered'")
    assert answer["words"] not in repr(act)


def test_an_answer_written_in_a_second_tab_is_not_sent_and_not_lost(
    scene: Scene, agent: Seat
) -> None:
    says(scene, Intent.PROMISE)
    fence = _fence(_takes(agent))
    agent.does(f"{HOME}/1/answer", {"words": "It is on its way.", "fence": fence})
    late = agent.presses(f"{HOME}/1/answer", {"words": "Which meter <b>?</b>", "fence": fence})
    assert late.status_code == 422
    assert "Your answer was not sent" in late.text
    assert "Which meter &lt;b&gt;?&lt;/b&gt;" in late.text
    assert "Your answer was not sent" not in agent.opens(f"{HOME}/1")


def test_one_key_before_it_is_taken_takes_it(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.UNCLEAR)

    agent.does(f"{HOME}/1/answer", {"answer": "looking", "fence": "0"})

    assert len(scene.rows("staff_answer")) == 1


FAULTS = (
    ("answer", {"words": " "}, "Write what you answer"),
    ("answer", {"answer": "found"}, "Write what you answer"),
    ("class", {"intent": "unclear"}, "Choose what it means"),
    ("class", {"intent": "promise", "on": "soon"}, "as it stands in a calendar"),
    ("class", {"intent": "promise", "on": "9999-12-31"}, "as it stands in a calendar"),
    ("match", {"customer": "1"}, "matched already"),
    ("deadline", {"due": "2020-01-01T10:00"}, "That is past"),
    ("deadline", {"due": "tomorrow"}, "Choose a day and a time"),
    ("note", {"note": ""}, "Write the note"),
)


def test_what_cannot_be_taken_says_why_at_its_field(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.UNCLEAR)
    fence = _fence(_takes(agent))

    for path, fields, fault in FAULTS:
        answer = agent.presses(f"{HOME}/1/{path}", {"fence": fence, **fields})
        assert answer.status_code == 422, path
        assert fault in answer.text
    assert scene.rows("staff_answer") == []


def test_it_is_classed_and_what_it_asks_for_is_done(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.UNCLEAR)
    fence = _fence(_takes(agent))

    fields = {"intent": "promise", "on": "2026-06-04", "fence": fence}
    agent.does(f"{HOME}/1/class", fields)

    assert [row["state"] for row in scene.rows("promise")] == ["open"]
    assert "Nothing waits" in agent.opens(HOME)


def test_it_is_handed_on_with_a_deadline_and_done(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.UNCLEAR)
    page = _takes(agent)
    owner = re.findall(r'<option value="([^"]+@house.example)"', page)[0]

    agent.does(f"{HOME}/1/assign", {"owner": owner})
    agent.does(f"{HOME}/1/deadline", {"due": "2026-06-01T15:30"})

    (item,) = scene.rows("inbox_item")
    assert item["owner"] == owner
    assert str(item["due_at"]).startswith("2026-06-01 12:30")
    assert "Customer C1" in agent.opens(f"{HOME}?owner={owner}")
    agent.does(f"{HOME}/1/done", {"fence": _fence(page)})
    assert scene.rows("hold", "released_at IS NULL") == []


def test_what_is_personal_is_read_on_record_alone(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.HARDSHIP, text="I lost my job")
    page = _takes(agent)
    assert "I lost my job" not in page

    read = agent.presses(f"{HOME}/1/notes/1")

    assert read.status_code == 200
    assert "I lost my job" in read.text
    assert len(scene.rows("event", "kind = 'special_note_read'")) == 1
    agent.does(f"{HOME}/1/note", {"note": "Works again in July"})
    assert len(scene.rows("special_note")) == 2
    assert agent.presses(f"{HOME}/1/notes/99").status_code == 404


@pytest.mark.parametrize("intent", [Intent.HARDSHIP, Intent.SELF_HARM])
def test_what_is_personal_is_read_by_a_key_beside_the_answer(
    scene: Scene, agent: Seat, intent: Intent
) -> None:
    says(scene, intent, text="a secret")

    page = _takes(agent)

    (note,) = scene.rows("special_note")
    (own,) = re.findall(r'action="([^"]+/notes/\d+)"><[^>]+><button class="go" data-key="r"', page)
    assert own == f"{HOME}/1/notes/{note['id']}"


def test_nothing_is_suggested_of_what_was_not_understood(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.UNCLEAR)
    page = _takes(agent)
    select = page[page.index('<select id="intent"') :]
    (first, *_) = re.findall("<option[^>]*>", select)
    assert first == '<option value="">'

    answer = agent.presses(f"{HOME}/1/class", {"intent": "", "fence": _fence(page)})

    assert answer.status_code == 422
    assert scene.rows("alarm") == []


def test_danger_has_the_alarm_taken_and_a_line_that_listens(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.SELF_HARM, text="a secret")

    page = _takes(agent)

    assert "Somebody may be in danger" in page
    assert "tel:" in page
    assert 'data-key="1"' not in page
    assert scene.rows("alarm", "taken_at IS NULL") == []


def test_what_nobody_known_wrote_is_matched_to_a_customer(scene: Scene, agent: Seat) -> None:
    says(scene, Intent.UNCLEAR, sender="+972500000999", text="my invoice?")
    page = _takes(agent)
    fence = _fence(page)
    assert "+972500000999" in page
    assert "Nobody has this number" in agent.opens(f"{HOME}/1?who=nobody")
    for wanted in ("INV-2", "C1", MAILBOX):
        assert "It is theirs" in agent.opens(f"{HOME}/1?who={wanted}")

    agent.does(f"{HOME}/1/match", {"customer": str(scene.customer_id), "fence": fence})

    assert "Customer C1" in agent.opens(HOME)
    assert "my invoice?" in agent.opens(f"{HOME}/2")


def test_a_viewer_reads_and_may_do_nothing(scene: Scene, viewer: Seat) -> None:
    says(scene, Intent.UNCLEAR)

    page = viewer.opens(HOME) + viewer.opens(f"{HOME}/1")

    assert WORDS in page
    assert f"{HOME}/1/take" not in page
    for act in ("take", "answer", "class", "done", "assign", "deadline", "note", "notes/1"):
        assert viewer.presses(f"{HOME}/1/{act}", {"words": "x"}).status_code == 403
    assert scene.rows("staff_answer") == []


def test_a_text_that_is_not_there_is_not_found(scene: Scene, agent: Seat) -> None:
    assert agent.opens(f"{HOME}/99", 404)
    assert agent.presses(f"{HOME}/99/take").status_code == 404
    assert agent.opens(f"{HOME}/{2**40}", 404)
