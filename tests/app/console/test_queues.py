"""The queues' acts change what they say, once; viewers look; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from itertools import product
from pathlib import Path

import pytest

from app.console.rooms import Room
from app.intake.replies import Written, receive_reply
from app.intake.replies.waiting import finish_item
from app.staff.roles import Role
from campaigns.vocabulary import Medium
from tests.app.console.team import Seat, rooms_named
from tests.app.console.team import Team as House
from tests.app.console.waiting import (
    COMPLAINT,
    OURS,
    PHONE,
    acted,
    at,
    complained,
    customer,
    disputed,
    entry,
    give,
    left_out,
    promised,
    reported,
    rows,
    seen_on,
    wished,
)
from tests.databases import on_both_stores


@pytest.fixture
def rooms() -> Sequence[Room]:
    return rooms_named("queues")


def test_a_task_is_done_undone_and_done_by_nobody_twice(team: House, agent: Seat) -> None:
    one = give(team, "t:1")
    path = f"/console/queues/tasks/{one}"
    seen = seen_on(agent.opens(path))

    page = agent.does(f"{path}/done", {"seen": seen})
    assert f'action="{path}/undo"' in page
    late = agent.presses(f"{path}/done", {"seen": seen})
    assert late.status_code == 422
    assert "Somebody has changed this meanwhile" in late.text
    agent.does(f"{path}/undo")
    assert rows(team, "task")[0]["state"] == "open"


def test_finance_is_asked_and_its_answer_comes_back(team: House, agent: Seat) -> None:
    whose = customer(team)
    one = give(team, "t:1", whose)
    dan = team.seat(Role.AGENT, name="Dan Katz")
    path = f"/console/queues/tasks/{one}"
    asked = {"team": "finance", "days": "2", "words": "May they pay until August?"}

    assert "Asked, waits for an answer" in agent.does(f"{path}/ask", asked)
    theirs = at(team, "question")
    assert "May they pay until August?" in dan.opens(theirs)
    assert dan.presses(f"{theirs}/answer", {"words": " "}).status_code == 422
    dan.does(f"{theirs}/answer", {"words": "Until the 10th."})
    late = agent.presses(f"{theirs}/answer", {"words": "No."})
    assert late.status_code == 422

    page = agent.opens(path)
    assert "Until the 10th." in page
    assert "Dan Katz" in page
    assert "Answered" in agent.opens("/console/queues")
    kinds = [row["kind"] for row in rows(team, "event", f"customer_id = {whose}")]
    assert kinds == ["task_question_asked", "task_question_answered"]


def test_a_question_without_words_keeps_what_was_chosen(team: House, agent: Seat) -> None:
    path = f"/console/queues/tasks/{give(team, 't:1')}"

    answer = agent.presses(f"{path}/ask", {"team": "sales", "days": "5", "words": " "})

    assert answer.status_code == 422
    assert '<option value="sales" selected>' in answer.text
    assert "<option selected>5</option>" in answer.text


@on_both_stores
def test_a_plan_is_agreed_once(team: House, agent: Seat) -> None:
    wished(team, customer(team))
    path = at(team, "plan_wished")
    page = agent.opens(path)
    assert "10 · " in page

    agent.does(f"{path}/plan/agree")

    assert rows(team, "plan_wish")[0]["state"] == "agreed"
    assert len(rows(team, "instalment")) == 10
    assert agent.presses(f"{path}/plan/decline", {"words": "No"}).status_code == 422
    assert acted(team) == ["plan.agreed"]


def test_other_terms_are_offered_with_words_that_the_customer_reads(
    team: House, agent: Seat
) -> None:
    wished(team, customer(team))
    path, today = at(team, "plan_wished"), team.clock.now().date()
    terms = {"parts": "6", "rhythm": "monthly", "words": "We can do six."}
    days = {"first_on": str(today + timedelta(9)), "until": str(today + timedelta(7))}

    bad = agent.presses(f"{path}/plan/counter", {**terms, **days, "parts": "1"})
    assert bad.status_code == 422
    assert "We can do six." in bad.text  # nothing typed is lost
    assert rows(team, "staff_answer") == []
    agent.does(f"{path}/plan/counter", {**terms, **days})

    assert rows(team, "plan_wish")[0]["state"] == "countered"
    (words,) = rows(team, "staff_answer")
    assert (words["words"], words["written_by"]) == ("We can do six.", "Noa Levi")


def test_a_plan_is_declined_with_words(team: House, agent: Seat) -> None:
    wished(team, customer(team))
    path = at(team, "plan_wished")
    assert agent.presses(f"{path}/plan/decline", {"words": " "}).status_code == 422
    assert rows(team, "plan_wish")[0]["state"] == "open"

    agent.does(f"{path}/plan/decline", {"words": "Let us talk."})

    assert rows(team, "plan_wish")[0]["state"] == "declined"


def test_a_dispute_is_upheld_in_part_and_finance_books_the_rest_back(
    team: House, agent: Seat
) -> None:
    disputed(team, customer(team))
    path = at(team, "dispute")
    assert "The meter was read wrongly" in agent.opens(path)
    assert agent.presses(f"{path}/dispute/part", {"amount": "240.50"}).status_code == 422

    agent.does(f"{path}/dispute/part", {"amount": "40.50"})

    note = at(team, "credit_note")
    assert "40.50" in agent.opens(note)
    agent.does(f"{note}/credit-note")
    assert rows(team, "dispute")[0]["state"] == "settled"
    assert agent.presses(f"{path}/dispute/reject").status_code == 422


def test_a_dispute_is_upheld_or_rejected(team: House, agent: Seat) -> None:
    whose = customer(team)
    for invoice, end, state in ((1, "uphold", "upheld"), (2, "reject", "rejected")):
        disputed(team, whose, invoice)
        (asked,) = rows(team, "task", "kind = 'dispute' AND state = 'open'")
        agent.does(f"/console/queues/tasks/{asked['id']}/dispute/{end}")
        assert rows(team, "dispute", f"invoice_id = {invoice}")[0]["state"] == state


def test_in_hardship_the_note_is_read_by_name_and_help_is_put_on_record(
    team: House, agent: Seat
) -> None:
    reported(team, customer(team))
    path = at(team, "hardship")
    page = agent.opens(path)
    assert "I am ill" not in page
    assert "5,000" not in page

    assert "I am ill" in agent.presses(f"{path}/note").text
    assert "5,000" in agent.presses(f"{path}/means").text
    agent.does(f"{path}/help", {"help": "pause", "days": "45"})
    assert agent.presses(f"{path}/help", {"help": "pause", "days": "0"}).status_code == 422
    assert agent.presses(f"{path}/help", {"help": "magic"}).status_code == 422
    assert "A pause: nobody writes" in agent.opens(path)
    agent.does(f"{path}/hardship/end")
    assert rows(team, "hold", "released_at IS NULL") == []
    assert acted(team) == ["note.read", "means.read", "help.given", "hardship.ended"]
    read_by = {row["kind"] for row in rows(team, "event")}
    assert {"special_note_read", "means_read", "help_given", "hardship_ended"} <= read_by


def test_a_complaint_is_answered_in_writing_or_otherwise(team: House, agent: Seat) -> None:
    customer(team)
    for number, how in enumerate(("written", "otherwise"), 1):
        complained(team, number)
        (asked,) = rows(team, "task", "kind = 'complaint' AND state = 'open'")
        path = f"/console/queues/tasks/{asked['id']}"
        assert COMPLAINT in agent.opens(path)
        assert agent.presses(f"{path}/complaint", {"words": ""}).status_code == 422

        agent.does(f"{path}/complaint", {"words": "We are sorry.", "how": how})

        assert rows(team, "complaint", "answered_at IS NULL") == []
    assert len(rows(team, "staff_answer")) == 1
    assert rows(team, "task", "kind = 'complaint' AND state = 'open'") == []


@on_both_stores
def test_money_of_a_statement_is_booked_once(team: House, agent: Seat) -> None:
    whose, path = customer(team), f"/console/queues/bank/{entry(team)}"
    assert "D. Cohen" in agent.opens("/console/queues/bank")
    for wrong in ({"customer": "C9"}, {"customer": "C1", "invoices": "INV-9"}):
        answer = agent.presses(f"{path}/assign", wrong)
        assert answer.status_code == 422
        assert f'value="{wrong["customer"]}"' in answer.text

    agent.does(f"{path}/assign", {"customer": "C1", "invoices": "INV-1"})

    assert rows(team, "payment")[0]["customer_id"] == whose
    assert rows(team, "invoice", "id = 1")[0]["open_minor"] == 0
    late = agent.presses(f"{path}/assign", {"customer": "C1"})
    assert "Somebody has booked this entry already." in late.text
    assert "All money has found its customer." in agent.opens("/console/queues/bank")


def test_money_that_is_no_customers_is_put_aside(team: House, agent: Seat) -> None:
    path = f"/console/queues/bank/{entry(team)}"
    agent.does(f"{path}/aside")
    assert rows(team, "bank_entry")[0]["state"] == "aside"


def test_a_due_promise_is_held(team: House, agent: Seat) -> None:
    now = team.clock.now()
    promised(team, customer(team), days=2)
    assert "No promise is due." in agent.opens("/console/queues/promises")
    assert "1,240.50" in agent.opens("/console/queues/promises?when=soon")
    team.clock.move_to(now + timedelta(days=2, hours=1))
    agent = team.seat(Role.AGENT, name="Dan Katz")  # a session ends before two days are over
    assert "1,240.50" in agent.opens("/console/queues/promises?when=today")

    agent.does("/console/queues/promises/1/hold", {"days": "3"})

    assert rows(team, "hold")[0]["kind"] == "staff"
    assert agent.presses("/console/queues/promises/1/hold", {"days": "4"}).status_code == 422


def test_a_rejected_row_is_mended_in_the_console(team: House, agent: Seat, tmp_path: Path) -> None:
    left_out(team, tmp_path)
    queue = agent.opens("/console/queues?queue=rejects")
    assert "/console/queues/rejects/1" in queue
    path = "/console/queues/rejects/1"
    page = agent.opens(path)
    assert "it is read by the mapping of its file." in page
    typed = "C8,Avi,I2,plenty,2026-09-01".split(",")
    cells = {f"cell-{at}": text for at, text in enumerate(typed)}

    bad = agent.presses(f"{path}/rows/1/mend", {**cells, "seen": seen_on(page)})
    assert bad.status_code == 422
    assert 'value="plenty"' in bad.text
    good = {**cells, "cell-3": "20.50", "seen": seen_on(bad.text)}
    assert "The row is in the book." in agent.does(f"{path}/rows/1/mend", good)
    assert agent.presses(f"{path}/rows/1/mend", good).status_code == 422
    assert [row["number"] for row in rows(team, "invoice", "number = 'I2'")] == ["I2"]
    assert acted(team) == ["reject.mended", "reject.mended"]


def test_a_viewer_looks_and_is_offered_nothing(team: House, viewer: Seat) -> None:
    whose = customer(team)
    wished(team, whose)
    disputed(team, whose)
    entry(team)
    for path in (
        *("/console/queues", "/console/queues/promises", "/console/queues/bank"),
        *("/console/queues/bank/1", at(team, "plan_wished"), at(team, "dispute")),
    ):
        page = viewer.opens(path)
        main = page[page.index("<main") :]
        assert 'method="post"' not in main.replace('action="/console/queues/bulk"', "").replace(
            '<form method="post"  class="work">', ""
        ), path
    for path in (f"{at(team, 'dispute')}/dispute/reject", f"{at(team, 'dispute')}/done"):
        assert viewer.presses(path).status_code == 403


def test_the_queues_speak_every_language(team: House) -> None:
    wished(team, customer(team))
    seats = [team.seat(Role.ADMIN, name="Noa", language=each) for each in ("he", "ar", "lt")]
    paths = ("/console/queues", "/console/queues/promises", at(team, "plan_wished"))
    for seat, path in product(seats, paths):
        page = seat.opens(path)
        assert "Deadline" not in page
        assert "All open work" not in page


def test_a_text_to_read_stands_in_its_task_until_it_is_answered(team: House, agent: Seat) -> None:
    customer(team)
    now = team.clock.now()
    words = "I do not understand this bill, what is it for?"
    with team.database.write() as session:
        receive_reply(session, Written("r:1", Medium.SMS, PHONE, OURS, words, now), now=now)
    (item,) = rows(team, "inbox_item")
    page = agent.opens(at(team, "reply"))
    assert f"/console/inbox/{item['id']}" in page
    assert words in unescape(page)

    with team.database.write() as session:
        finish_item(session, item["key"], by="noa", now=now)

    assert "/console/inbox/" not in agent.opens(at(team, "reply"))
