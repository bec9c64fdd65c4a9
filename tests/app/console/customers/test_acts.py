"""Acts for a customer do what they say, leave a line, and are not for those who only look."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from app.engine.checks import check
from app.records.erasure import ErasureReason, erase
from app.records.evidence import evidence
from app.records.page import copied
from app.staff.roles import Role
from app.store.given import table_of
from app.store.rows import (
    ActLine,
    Case,
    ContactPoint,
    Customer,
    CustomerNote,
    Event,
    Hold,
    Instalment,
    Link,
    Plan,
    Promise,
    SpecialNote,
    Suppression,
)
from tests.app.console.customers.lively import Book, Lively, plain

PATHS = (
    *("note", "promise", "plan", "hold", "preference", "now", "opt-out", "wrong-person"),
    *("code", "end-links", "evidence", "release/1", "cases/1/later", "cases/1/pass"),
    "cases/1/close",
)


def rows(book: Book, model: type[SQLModel]) -> list[Any]:
    table = table_of(model)
    with book.team.database.read() as session:
        return list(session.connection().execute(select(table).order_by(table.c.id)).all())


def acts(book: Book) -> list[str]:
    return [row.act for row in rows(book, ActLine)]


def test_a_viewer_may_do_none_of_it(book: Book) -> None:
    seat = book.team.seat(Role.VIEWER)
    for path in PATHS:
        answer = seat.presses(f"/console/customers/{book.dana}/{path}")
        assert answer.status_code == 403, path
    assert acts(book) == []


def test_nobody_acts_for_somebody_who_is_not_there(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    fields = {"words": "x", "hold_kind": "staff", "hold_until": "2026-12-01"}
    for path in ("note", "hold", "now", "preference", "opt-out", "end-links", "code", "evidence"):
        assert seat.presses(f"/console/customers/999/{path}", fields).status_code == 404, path
    for path in ("later", "pass", "close"):
        wrong = f"/console/customers/{book.jonas}/cases/1/{path}"
        answer = seat.presses(wrong, {"look_on": "2026-12-01", "step": "x"})
        assert answer.status_code == 404, path
    assert acts(book) == []


def test_a_hold_stops_and_its_release_lets_go(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    here = f"/console/customers/{book.dana}"
    wrong = seat.presses(f"{here}/hold", {"hold_kind": "staff", "hold_until": "2020-01-01"})
    assert wrong.status_code == 422
    assert "Choose a day from tomorrow on, within 90 days." in wrong.text
    assert 'value="2020-01-01"' in wrong.text

    page = seat.does(
        f"{here}/hold", {"hold_kind": "staff", "hold_until": "2026-12-01", "hold_why": "travels"}
    )

    (hold,) = rows(book, Hold)
    assert (hold.kind, hold.why, hold.released_at) == ("staff", "travels", None)
    assert hold.until.isoformat() == "2026-12-01T22:00:00+00:00"  # midnight in Haifa
    assert "On hold: by the team" in plain(page)
    assert f'action="{here}/release/{hold.id}"' in page  # undo, and the release itself

    page = seat.does(f"{here}/release/{hold.id}")
    assert rows(book, Hold)[0].released_at is not None
    assert "Released: the cases are decided again." in page
    assert seat.presses(f"{here}/release/{hold.id}").status_code == 409
    assert acts(book) == ["hold_placed", "hold_released"]


def test_a_hold_that_no_rule_knows_is_refused_at_its_field(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    here = f"/console/customers/{book.dana}/hold"
    no_start = seat.presses(here, {"hold_kind": "breathing_space"})
    no_rule = seat.presses(here, {"hold_kind": "breathing_space", "hold_from": "2026-11-24"})

    assert "Choose the day on which it began." in no_start.text
    assert "No rule of this creditor knows such a hold." in no_rule.text
    assert (no_start.status_code, no_rule.status_code, rows(book, Hold)) == (422, 422, [])


def test_a_promise_by_phone_is_taken_inside_the_envelope_alone(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    here = f"/console/customers/{book.dana}"
    for fields, words in (
        ({"amount": "", "due_on": "2026-12-01"}, "Write an amount."),
        ({"amount": "12x", "due_on": "2026-12-01"}, "Write the amount in figures only"),
        ({"amount": "1", "due_on": "2026-12-01"}, "That is less than this creditor accepts."),
        ({"amount": "9999", "due_on": "2026-12-01"}, "That is more than what is open."),
        ({"amount": "1240.50", "due_on": "2027-12-01"}, "later than this creditor allows"),
        ({"amount": "1240.50", "due_on": "2025-12-01"}, "That day has passed."),
        ({"amount": "1240.50", "due_on": ""}, "Choose a day."),
    ):
        answer = seat.presses(f"{here}/promise", {"currency": "ILS", **fields})
        assert (answer.status_code, words in answer.text) == (422, True), words
    other = {"currency": "EUR", "amount": "5", "due_on": "2026-12-01"}
    assert (
        "Nothing undisputed is owed in this currency."
        in seat.presses(f"{here}/promise", other).text
    )

    page = seat.does(
        f"{here}/promise", {"currency": "ILS", "amount": "1,240.50", "due_on": "2026-12-01"}
    )

    (promise,) = rows(book, Promise)
    assert (promise.amount_minor, promise.made_by, promise.state) == (124_050, "staff", "open")
    assert "A promise: ₪1,240.50 by 1 Dec 2026" in plain(page)
    assert acts(book) == ["promise_taken"]


def test_a_plan_is_shown_before_it_is_agreed(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    here = f"/console/customers/{book.dana}"
    terms = {"plan_currency": "ILS", "count": "3", "rhythm": "monthly", "first_on": "2026-12-01"}
    query = "&".join(f"{name}={value}" for name, value in terms.items())

    shown = seat.opens(f"{here}?form=plan&{query}")
    assert shown.count("₪413.50") == 3
    assert rows(book, Plan) == []
    far = seat.opens(f"{here}?form=plan&{query.replace('2026-12', '2029-12')}")
    assert "That lies outside of what this creditor allows" in far
    assert seat.presses(f"{here}/plan", {**terms, "count": "99"}).status_code == 422

    page = seat.does(f"{here}/plan", terms)

    assert [row.amount_minor for row in rows(book, Instalment)] == [41_350, 41_350, 41_350]
    assert "A plan was agreed: ₪1,240.50 in parts" in plain(page)
    again = seat.presses(f"{here}/plan", terms)
    assert "There is a plan or a promise already." in again.text
    assert acts(book) == ["plan_agreed"]


def test_a_note_is_kept_and_word_of_danger_is_not(book: Book) -> None:
    seat = book.team.seat(Role.AGENT, name="Noa Levi")
    here = f"/console/customers/{book.dana}"
    assert seat.presses(f"{here}/note", {"words": "  "}).status_code == 422

    page = seat.does(f"{here}/note", {"words": "Calls back\non <b>Sunday</b>"})
    (note,) = rows(book, CustomerNote)
    assert (note.words, note.by) == ("Calls back\non <b>Sunday</b>", "Noa Levi")
    assert "A note by Noa Levi" in plain(page)
    assert "on &lt;b&gt;Sunday" in page

    page = seat.does(f"{here}/note", {"words": "She says she wants to kill myself tonight"})
    assert "it was given to the care team" in page
    assert len(rows(book, CustomerNote)) == 1
    assert len(rows(book, SpecialNote)) == 1


def test_a_note_is_in_the_customers_own_copy_and_goes_with_erasure(book: Book) -> None:
    seat = book.team.seat(Role.AGENT, name="Noa Levi")
    seat.does(f"/console/customers/{book.dana}/note", {"words": "Calls back on Sunday"})
    database, now = book.team.database, book.team.clock.now()
    with database.write() as session:
        (kept,) = copied(evidence(session, book.dana, now))["team_notes"]
        request = ErasureReason.REQUEST
        erase(session, book.dana, reason=request, secret=book.team.settings.secret, now=now)

    assert (kept["words"], "by" in kept) == ("Calls back on Sunday", False)
    assert [row.words for row in rows(book, CustomerNote)] == [None]
    page = seat.opens(f"/console/customers/{book.dana}")
    assert "This customer was erased" in page
    assert "Actions" not in page


def test_a_preference_counts_from_then_on(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    here = f"/console/customers/{book.dana}"
    wrong = seat.presses(f"{here}/preference", {"hours": "whenever"})
    assert (wrong.status_code, "Write hours as" in wrong.text) == (422, True)
    assert rows(book, Customer)[0].chosen is None

    seat.does(
        f"{here}/preference", {"medium": "sms", "locale": "ar", "hours": "mon-fri 09:00-17:00"}
    )

    customer = rows(book, Customer)[0]
    assert (customer.preferred_medium, customer.locale) == ("sms", "ar")
    assert customer.hours == "mon-fri 09:00-17:00"
    assert customer.chosen["locale"]["by"] == "staff"


def test_an_opt_out_closes_at_once(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    page = seat.does(f"/console/customers/{book.dana}/opt-out", {"stop_medium": "sms"})

    assert {row.reason for row in rows(book, Suppression)} == {"opted_out"}
    assert "closed: opted out, or came back" in page
    assert "An opt-out: SMS" in plain(page)


def test_a_wrong_person_closes_the_address_and_its_pages(lived: Lively) -> None:
    seat = lived.team.seat(Role.AGENT)
    point = next(row for row in rows(lived, ContactPoint) if row.medium == "email")
    other = f"/console/customers/{lived.jonas}/wrong-person"
    assert seat.presses(other, {"point": str(point.id), "sure": "yes"}).status_code == 404

    here = f"/console/customers/{lived.dana}/wrong-person"
    unsure = seat.presses(here, {"point": str(point.id)})
    assert (unsure.status_code, "Tick that you are sure" in unsure.text) == (422, True)

    page = seat.does(here, {"point": str(point.id), "sure": "yes"})

    assert [row.reason for row in rows(lived, Suppression)] == ["wrong_person"]
    assert [row.kind for row in rows(lived, Hold)] == ["wrong_person"]
    assert "The address belongs to somebody else" in page


def test_links_end_and_the_code_of_the_day_is_shown(lived: Lively) -> None:
    seat = lived.team.seat(Role.AGENT)
    here = f"/console/customers/{lived.dana}"
    page = seat.does(f"{here}/end-links")
    assert "Links that were ended: " in page
    assert {row.revoked_at is None for row in rows(lived, Link) if row.purpose == "pay"} == {False}

    answer = seat.presses(f"{here}/code")
    assert re.search(r"<bdi>[A-Z0-9]{3}-[A-Z0-9]{3}</bdi>", answer.text)
    assert acts(lived) == ["page_links_ended", "page_code_shown"]


def test_evidence_is_the_file_of_the_command_line(lived: Lively) -> None:
    seat = lived.team.seat(Role.AGENT, language="he")
    answer = seat.presses(f"/console/customers/{lived.dana}/evidence")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        told = json.loads(file.read("evidence.json"))
        assert "אישור" in file.read("evidence.html").decode() or told["schema"]
    assert told["schema"] == "duly-evidence/1"
    assert told["customer"]["external_id"] == "K-1042"
    assert len(told["attempts"]) == 1
    assert "attachment" in answer.headers["content-disposition"]
    assert acts(lived) == ["evidence_exported"]


def test_deciding_now_sends_nothing_that_is_not_due(lived: Lively) -> None:
    seat = lived.team.seat(Role.AGENT)
    before = rows(lived, Case)[0]
    page = seat.does(f"/console/customers/{lived.dana}/now")
    after = rows(lived, Case)[0]
    lived.passes(minutes=5)

    assert "It is decided now." in page
    assert after.look_at < before.look_at
    assert len(lived.world.accepted()) == 1
    assert rows(lived, Case)[0].reason == before.reason


def test_a_case_is_put_off_sent_on_and_closed(lived: Lively) -> None:
    seat = lived.team.seat(Role.AGENT, name="Noa Levi")
    case = next(row for row in rows(lived, Case) if row.customer_id == lived.jonas)
    here = f"/console/customers/{lived.jonas}"
    steer = f"{here}/cases/{case.id}"
    late_day = seat.presses(f"{steer}/later", {"look_on": "2028-01-01"})
    assert (late_day.status_code, "within 90 days" in late_day.text) == (422, True)

    page = seat.does(f"{steer}/later", {"look_on": "2026-12-05"})
    put_off = next(row for row in rows(lived, Case) if row.id == case.id)
    assert put_off.look_at.isoformat() == "2026-12-05T07:00:00+00:00"
    assert f'action="{here}/now"' in page

    assert "That step does not come" in seat.presses(f"{steer}/pass", {"step": "no_such"}).text
    page = seat.does(f"{steer}/pass", {"step": "reminder_third"})
    passed = [
        row.payload["step"]
        for row in rows(lived, Event)
        if row.kind == "StepPassed" and row.payload["reason"] == "skipped"
    ]
    assert passed[0] == "reminder_second"
    assert "Step reminder second was passed over by the team (Noa Levi)." in plain(page)

    page = seat.does(f"{steer}/close")
    closed = next(row for row in rows(lived, Case) if row.id == case.id)
    assert (closed.phase, closed.outcome, closed.look_at) == ("closed", "withdrawn", None)
    assert "The case was closed: withdrawn" in plain(page)
    assert seat.presses(f"{steer}/close").status_code == 422
    assert acts(lived) == ["case_put_off", "steps_passed_over", "case_closed"]
    assert [one for one in check(lived.team.database, lived.world.now) if one.violations] == []
