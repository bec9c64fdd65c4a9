"""Forms of the customer's page: each acts once, inside its limits, on one's own invoices alone."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.app.web.people import Payer, Stand, add_link, add_payer, change, hold_back, one_value
from tests.databases import on_both_stores

FORMS = ("promise", "dispute", "help", "paid", "wrong-person", "stop")


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the last form for `action`: that of a part, where there are two."""
    forms = re.findall(rf'action="[^"]*/{action}">(.*?)</form>', page, re.DOTALL)
    assert forms, action
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', forms[-1]))


def form_of(client: TestClient, payer: Payer, action: str) -> dict[str, str]:
    """The hidden fields of the form for `action`, where the customer finds it."""
    page = {"pay": "", "card_stop": "/card", "call_cancel": "/call"}.get(action, f"/{action}")
    return hidden(client.get(payer.path + page).text, action)


def filled(client: TestClient, payer: Payer, action: str, **fields: str) -> dict[str, str]:
    """A form as the customer would send it."""
    return {**form_of(client, payer, action), **_choices(payer)[action], **fields}


def _choices(payer: Payer) -> dict[str, dict[str, str]]:
    return {
        "pay": {"currency": "ILS", "share": "part", "amount": "100"},
        "promise": {"currency": "ILS", "day": "2026-12-01"},
        "dispute": {"invoice": "1", "kind": "wrong_amount", "words": "It was 100"},
        "help": {"kind": "more_time", "words": ""},
        "paid": {"words": "By bank, on Monday"},
        "wrong-person": {},
        "stop": {},
    }


def count(stand: Stand, table: str, where: str = "1=1") -> Any:
    return one_value(stand, f"SELECT count(*) FROM {table} WHERE {where}")


def test_a_promise_is_noted_and_shown(stand: Stand, client: TestClient, dana: Payer) -> None:
    answer = client.post(f"{dana.path}/promise", data=filled(client, dana, "promise"))

    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "You will pay <bdi>₪1,240.50</bdi> by <bdi>1 December 2026</bdi>" in page
    assert "We have noted your day." in page
    assert count(stand, "promise", "amount_minor = 124050 AND made_by = 'page'") == 1


@pytest.mark.parametrize(
    ("pay_day", "days"),
    [
        ("NULL", ["2026-11-27", "2026-12-01", "2026-12-08"]),
        ("10", ["2026-12-10", "2026-11-27", "2026-12-01", "2026-12-08"]),
        ("25", ["2026-11-25", "2026-11-27", "2026-12-01", "2026-12-08"]),
        ("1", ["2026-12-01", "2026-11-27", "2026-12-08"]),
        ("24", ["2026-12-24", "2026-11-27", "2026-12-01", "2026-12-08"]),
    ],
)
def test_the_next_pay_day_is_proposed_first(
    stand: Stand, client: TestClient, dana: Payer, pay_day: str, days: list[str]
) -> None:
    change(stand, f"UPDATE customer SET pay_day = {pay_day}")

    page = client.get(f"{dana.path}/promise").text

    assert re.findall(r'name="day" value="(\d[\d-]+)"', page) == days
    assert page.count("<small>Your usual day</small>") == (pay_day != "NULL")
    assert (
        client.post(
            f"{dana.path}/promise", data=filled(client, dana, "promise", day=days[0])
        ).status_code
        == 303
    )


def test_another_day_may_be_written(stand: Stand, client: TestClient, dana: Payer) -> None:
    data = filled(client, dana, "promise", day="other", other_day="2026-12-05")

    assert client.post(f"{dana.path}/promise", data=data).status_code == 303
    assert str(one_value(stand, "SELECT due_on FROM promise")) == "2026-12-05"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"day": "2026-11-01"}, "This day has passed"),
        ({"day": "2027-11-01"}, "too far ahead"),
        ({"day": ""}, "choose one of the options"),
        ({"day": "other", "other_day": "soon"}, "choose a day within the next weeks"),
        ({"day": "9999-99-99"}, "choose one of the options"),
    ],
)
def test_a_day_outside_the_limits_is_refused_kindly(
    stand: Stand, client: TestClient, dana: Payer, fields: dict[str, str], said: str
) -> None:
    answer = client.post(f"{dana.path}/promise", data=filled(client, dana, "promise", **fields))

    assert answer.status_code == 422
    assert said in answer.text
    assert "<h1>I would like to pay on another day</h1>" in answer.text
    assert count(stand, "promise") == 0
    assert count(stand, "event", "key LIKE 'form:%%'") == 0


def test_a_refused_form_may_be_mended_and_sent_again(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    refused = client.post(
        f"{dana.path}/promise", data=filled(client, dana, "promise", day="2027-11-01")
    )
    mended = {**hidden(refused.text, "promise"), "currency": "ILS", "day": "2026-12-01"}

    assert client.post(f"{dana.path}/promise", data=mended).status_code == 303
    assert count(stand, "promise") == 1


def test_a_promise_in_a_currency_that_is_not_owed_is_refused(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    data = filled(client, dana, "promise", currency="EUR")

    assert client.post(f"{dana.path}/promise", data=data).status_code == 409
    assert count(stand, "promise") == 0


def test_a_disputed_invoice_is_carved_out(stand: Stand, client: TestClient, dana: Payer) -> None:
    answer = client.post(f"{dana.path}/dispute", data=filled(client, dana, "dispute"))

    page = client.get(answer.headers["location"]).text
    assert "We are checking this" in page
    assert "Pay <bdi>₪240.50</bdi>" in page
    assert count(stand, "dispute", "kind = 'wrong_amount' AND words = 'It was 100'") == 1
    assert count(stand, "task", "kind = 'dispute'") == 1


def test_an_invoice_of_somebody_else_cannot_be_disputed(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    add_payer(stand, "Somebody Else")
    theirs = str(one_value(stand, "SELECT max(id) FROM invoice"))

    answer = client.post(
        f"{dana.path}/dispute", data=filled(client, dana, "dispute", invoice=theirs)
    )

    assert answer.status_code == 422
    assert count(stand, "dispute") == 0


def test_asking_for_help_stops_the_reminders(stand: Stand, client: TestClient, dana: Payer) -> None:
    hold_back(stand, dana)
    data = filled(client, dana, "help", kind="hardship", words="I lost my job")

    answer = client.post(f"{dana.path}/help", data=data)

    assert "Reminders have stopped." in client.get(answer.headers["location"]).text
    assert count(stand, "special_note", "words = 'I lost my job'") == 1
    assert count(stand, "hold", "kind = 'hardship'") == 1
    assert count(stand, "message", "state = 'stopped' AND reason IS NOT NULL") == 1


@pytest.mark.parametrize("form", ["help", "dispute", "paid"])
def test_danger_that_is_typed_into_any_box_calls_a_person_and_stands_on_a_note_alone(
    stand: Stand, client: TestClient, dana: Payer, form: str
) -> None:
    said = "I want to kill myself"
    told = {"help": {"kind": "hardship"}, "dispute": {"kind": "other"}}.get(form, {})

    client.post(f"{dana.path}/{form}", data=filled(client, dana, form, words=said, **told))

    assert count(stand, "alarm") == 1
    assert count(stand, "task", "kind = 'danger' AND team = 'care'") == 1
    assert count(stand, "hold", "kind = 'danger' AND until IS NULL") == 1
    assert count(stand, "special_note", f"words = '{said}'") == 1
    for table, column in (("dispute", "words"), ("reply", "text"), ("hardship", "words")):
        assert count(stand, table, f"{column} = '{said}'") == 0


@on_both_stores
def test_saying_paid_holds_and_gives_finance_a_task(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    client.post(f"{dana.path}/paid", data=filled(client, dana, "paid"))

    assert count(stand, "hold", "kind = 'reply' AND until IS NOT NULL") == 1
    assert count(stand, "task", "team = 'finance' AND kind = 'already_paid'") == 1
    assert count(stand, "reply", "text = 'By bank, on Monday' AND classed_at IS NOT NULL") == 1


@on_both_stores
def test_the_wrong_person_is_left_alone_and_sees_no_more(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    answer = client.post(f"{dana.path}/wrong-person", data=filled(client, dana, "wrong-person"))

    assert answer.headers["location"] == "/thanks/wrong_person?lang=en"
    assert "Dana" not in client.get(answer.headers["location"]).text
    assert client.get(dana.path).status_code == 404
    assert count(stand, "suppression", "reason = 'wrong_person'") == 1


def test_stop_is_taken_for_the_place_where_the_message_went(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    client.post(f"{dana.path}/stop", data=filled(client, dana, "stop"))

    assert count(stand, "suppression", "reason = 'opted_out' AND medium = 'sms'") == 1
    assert count(stand, "suppression", "medium = 'email'") == 0
    assert client.get(dana.path).status_code == 200


@pytest.mark.parametrize("nonce", ["", "forged", "é"])
def test_nothing_stands_between_a_customer_and_a_stop(
    stand: Stand, client: TestClient, dana: Payer, nonce: str
) -> None:
    for action in ("stop", "help", "wrong-person"):
        data = filled(client, dana, action, nonce=nonce)
        assert client.post(f"{dana.path}/{action}", data=data).status_code == 303, action

    assert count(stand, "suppression", "reason = 'opted_out'") > 0
    assert count(stand, "hardship") == 1


@on_both_stores
def test_stop_works_on_a_page_that_has_expired(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    data = filled(client, dana, "stop")
    stand.clock.move_to(stand.clock.now() + timedelta(days=90))

    assert client.post(f"{dana.path}/stop", data=data).status_code == 303
    assert count(stand, "suppression", "reason = 'opted_out'") > 0


@pytest.mark.parametrize("action", FORMS)
def test_a_form_that_is_sent_twice_acts_once(
    stand: Stand, client: TestClient, dana: Payer, action: str
) -> None:
    data = filled(client, dana, action)
    first = client.post(f"{dana.path}/{action}", data=data)
    tables = ("promise", "dispute", "hardship", "hold", "reply", "task", "suppression", "event")
    before = {table: count(stand, table) for table in tables}

    second = client.post(f"{dana.path}/{action}", data=data)

    assert first.status_code == 303
    assert second.status_code == (404 if action == "wrong-person" else 303)
    assert {table: count(stand, table) for table in tables} == before


@pytest.mark.parametrize("action", ["pay", "promise", "dispute", "paid"])
@pytest.mark.parametrize("nonce", ["", "forged", "0" * 32])
def test_a_form_that_no_page_made_is_refused(
    stand: Stand, client: TestClient, dana: Payer, action: str, nonce: str
) -> None:
    data = filled(client, dana, action, nonce=nonce)

    assert client.post(f"{dana.path}/{action}", data=data).status_code == 409
    assert count(stand, "event") == count(stand, "checkout") == count(stand, "promise") == 0


@pytest.mark.parametrize("action", ["pay", "promise", "dispute", "paid"])
def test_a_form_of_a_page_that_has_changed_is_shown_again(
    stand: Stand, client: TestClient, dana: Payer, action: str
) -> None:
    data = filled(client, dana, action)
    change(stand, "UPDATE customer SET ledger_revision = ledger_revision + 1")

    answer = client.post(f"{dana.path}/{action}", data=data)

    assert answer.status_code == 409
    assert "Something has changed" in answer.text


def test_the_form_of_another_tab_that_says_something_else_is_not_taken_for_the_first(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    first = filled(client, dana, "promise")
    second = {**first, "day": "2026-12-08"}
    assert client.post(f"{dana.path}/promise", data=first).status_code == 303

    assert client.post(f"{dana.path}/promise", data=second).status_code == 409
    in_hebrew = client.post(f"{dana.path}/promise", data={**first, "lang": "he"})
    assert in_hebrew.headers["location"] == f"{dana.path}?lang=he&done=promise"
    assert count(stand, "promise") == count(stand, "promise", "due_on = '2026-12-01'") == 1


def test_who_needs_help_in_two_tabs_is_heard_in_both(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    data = filled(client, dana, "help", words="Not now")
    for words in ("Not now", "Not now", "Please call me", "Please call me"):
        answer = client.post(f"{dana.path}/help", data={**data, "words": words})
        assert answer.status_code == 303
    assert count(stand, "task", "kind = 'hardship'") == 2


def test_a_form_of_one_customer_is_no_form_of_another(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    other = add_payer(stand, "Somebody Else")
    data = filled(client, dana, "promise")

    assert client.post(f"{other.path}/promise", data=data).status_code == 409


@pytest.mark.parametrize("action", [*FORMS, "pay"])
def test_an_unknown_link_does_nothing(client: TestClient, stand: Stand, action: str) -> None:
    assert client.post(f"/p/{'A' * 22}/{action}", data={"nonce": "x"}).status_code == 404
    assert count(stand, "event") == 0


@pytest.mark.parametrize("one_click", [True, False])
def test_unsubscribing_takes_one_post(
    stand: Stand, client: TestClient, dana: Payer, one_click: bool
) -> None:
    _, made = add_link(stand, dana.customer_id, dana.message_id, purpose="unsubscribe")
    data = {"List-Unsubscribe": "One-Click"} if one_click else {"lang": "he"}

    answers = [client.post(f"/u/{made}", data=data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200 if one_click else 303] * 2
    assert count(stand, "suppression", "reason = 'opted_out' AND medium = 'sms'") == 1
    act = "list_unsubscribe" if one_click else "unsubscribe_link"
    assert count(stand, "consent", f"given = FALSE AND source = '{act}'") >= 1


@pytest.mark.parametrize("case_id", ["rfc8058-8.1-simple", "rfc8058-8.3-multipart"])
def test_the_requests_of_rfc_8058_unsubscribe_without_a_session(
    stand: Stand, dana: Payer, vectors: Path, case_id: str
) -> None:
    file = vectors / "email" / "list_unsubscribe_rfc8058.json"
    cases = {case["id"]: case for case in json.loads(file.read_text("utf-8"))["cases"]}
    request = cases[case_id]["request"]
    _, made = add_link(stand, dana.customer_id, dana.message_id, purpose="unsubscribe")

    with stand.client() as mailbox:
        answer = mailbox.post(
            f"/u/{made}",
            content=request["body"].encode(),
            headers={"Content-Type": request["headers"]["Content-Type"]},
            follow_redirects=False,
        )

    assert answer.status_code == 200
    assert count(stand, "suppression", "reason = 'opted_out' AND medium = 'sms'") == 1


def test_the_page_to_unsubscribe_has_one_button(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    _, made = add_link(stand, dana.customer_id, dana.message_id, purpose="unsubscribe")
    page = client.get(f"/u/{made}").text

    assert page.count("<button>") == 1
    assert count(stand, "suppression") == 0


def test_a_commit_that_fails_is_no_success(stand: Stand, client: TestClient, dana: Payer) -> None:
    data = filled(client, dana, "help")
    _doom_commits(stand)

    answer = client.post(f"{dana.path}/help", data=data)

    assert answer.status_code == 500
    assert count(stand, "hardship") == 0


def _doom_commits(stand: Stand) -> None:
    """Whoever reports a hardship breaks a constraint that is looked at only when committing."""
    reference = "REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED"
    change(stand, f"CREATE TABLE doom (id INTEGER {reference})")
    trigger = "CREATE TRIGGER fate AFTER INSERT ON hardship"
    insert = "INSERT INTO doom VALUES (-1);"
    if stand.database.dialect == "sqlite":
        change(stand, f"{trigger} BEGIN {insert} END")
        return
    change(
        stand,
        "CREATE FUNCTION fate() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$BEGIN {insert} RETURN NEW; END$$",
    )
    change(stand, f"{trigger} EXECUTE FUNCTION fate()")
