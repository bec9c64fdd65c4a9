"""Messages with the team, a call, preferences and the question at the end, on the pages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app.intake.staff_answers import answer_reply
from app.loops.assembly import publish_shipped
from tests.app.web.people import NOW, Payer, Stand, add_payer, change, one_value
from tests.app.web.test_acting import count, filled, form_of, hidden
from tests.app.web.ways.test_plan import send
from tests.databases import on_both_stores

WORDS = "Why is there a <b>fee</b> on it?"


def _confirmed(stand: Stand, payer: Payer) -> list[str]:
    """What the journey of answers confirms to this customer, in order."""
    query = (
        "SELECT signal FROM case_signal"
        " JOIN dunning_case ON dunning_case.id = case_id"
        " JOIN campaign ON campaign.id = campaign_id"
        f" WHERE campaign.name = 'service_answers' AND customer_id = {payer.customer_id}"
        " AND own_act AND signal NOT IN ('reply_received', 'hold_released') ORDER BY case_signal.id"
    )
    with stand.database.read() as session:
        return list(session.connection().execute(text(query)).scalars())


@on_both_stores
def test_a_message_is_answered_on_the_page(stand: Stand, client: TestClient, dana: Payer) -> None:
    page = client.get(f"{dana.path}/thread").text
    assert "We will answer by <bdi>25 November 2026</bdi>." in page
    shown = send(client, dana, "thread", words=WORDS)
    assert "We will answer by <bdi>25 November 2026</bdi>, and tell you" in shown
    assert _confirmed(stand, dana) == ["request_made"]

    with stand.database.write() as session:
        answer_reply(session, 1, "It is gone.\nSorry!", by="Noa Levi", now=NOW)

    front = client.get(dana.path).text
    assert "Our team has answered you" in front
    page = client.get(f"{dana.path}/answer").text
    assert "<b><bdi>Noa Levi</bdi> from our team</b>" in page
    assert "It is gone." in page
    assert "Why is there a &lt;b&gt;fee&lt;/b&gt; on it?" in page


def test_an_empty_message_is_asked_for_once_more(client: TestClient, dana: Payer) -> None:
    data = {**form_of(client, dana, "thread"), "words": "  "}
    answer = client.post(f"{dana.path}/thread", data=data)

    assert answer.status_code == 422
    assert 'id="fault-words">Please write your message.' in answer.text


def test_nobody_sees_what_another_wrote(stand: Stand, client: TestClient, dana: Payer) -> None:
    rina = add_payer(stand, "Rina Katz", given_name="Rina")
    send(client, rina, "thread", words=WORDS)

    assert "fee" not in client.get(f"{dana.path}/thread").text


def _slots(page: str) -> list[str]:
    return re.findall(r'<option value="(\d+T\d+Z)"', page)


@pytest.fixture
def published(stand: Stand) -> None:
    """The shipped rules, as the stand's creditor is under them."""
    publish_shipped(stand.database, NOW)


@on_both_stores
def test_a_call_is_arranged_moved_and_cancelled(
    stand: Stand, client: TestClient, dana: Payer, published: None
) -> None:
    page = client.get(f"{dana.path}/call").text
    first, second, *_ = _slots(page)
    assert "24 November 2026" in page  # today, from an hour on
    number = re.findall(r'name="number" value="(\d+)"', page)[0]

    shown = send(client, dana, "call", slot=first, number=number)
    assert "We will call you at the time that you chose." in shown
    send(client, dana, "call", slot=second, number="other", other_number="04-855-0199")
    page = client.get(f"{dana.path}/call").text
    assert "on the number that ends in" in page
    assert "48550199" not in page
    assert count(stand, "task", "kind = 'call_me' AND state = 'open'") == 1

    send(client, dana, "call_cancel", **hidden(page, "call_cancel"))
    assert count(stand, "task", "kind = 'call_me' AND state = 'open'") == 0
    assert _confirmed(stand, dana) == ["call_arranged", "call_arranged", "call_cancelled"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"number": "other", "other_number": "12"}, "Please write a telephone number"),
        ({"number": "999", "other_number": ""}, "Please write a telephone number"),
        ({"slot": ""}, "Please choose a time."),
        ({"slot": "20261128T0800Z"}, "We cannot call that number at this time."),  # a Sabbath
    ],
)
def test_what_cannot_be_called_is_refused_beside_its_field(
    client: TestClient, dana: Payer, published: None, fields: dict[str, str], fault: str
) -> None:
    page = client.get(f"{dana.path}/call").text
    number = re.findall(r'name="number" value="(\d+)"', page)[0]
    data = {"slot": _slots(page)[0], "number": number, **fields}

    assert fault in send(client, dana, "call", **data)


@on_both_stores
def test_preferences_are_chosen_and_given_back(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    shown = send(
        client, dana, "preferences",
        medium="sms", locale="he", begins="10:00", ends="14:00", pay_day="10",
    )  # fmt: skip
    assert 'lang="he"' in shown or "Noted." in shown
    row = "preferred_medium = 'sms' AND locale = 'he' AND hours = 'mon-sun 10:00-14:00'"
    assert count(stand, "customer", f"{row} AND pay_day = 10") == 1
    page = client.get(f"{dana.path}/preferences?lang=en").text
    assert 'value="sms" checked' in page
    assert "<option selected>10:00</option>" in page

    send(client, dana, "preferences")
    assert count(stand, "customer", "preferred_medium IS NULL AND hours IS NULL") == 1
    assert _confirmed(stand, dana) == ["preference_given", "preference_given"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"medium": "fax"}, "Please choose one of the options."),
        ({"locale": "xx"}, "Please choose one of the options."),
        ({"begins": "10:00", "ends": "11:00"}, "at least two hours later"),
        ({"begins": "10:00"}, "at least two hours later"),
    ],
)
def test_what_nobody_can_keep_is_refused(
    stand: Stand, client: TestClient, dana: Payer, fields: dict[str, str], fault: str
) -> None:
    assert fault in send(client, dana, "preferences", **fields)
    assert count(stand, "event", "kind = 'choice_made'") == 0


def test_whatsapp_wants_a_tick_and_keeps_the_very_words(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "DELETE FROM consent")
    assert "Please tick the box to agree" in send(client, dana, "preferences", medium="whatsapp")
    send(client, dana, "preferences", medium="whatsapp", agreed="yes")

    kept = one_value(stand, "SELECT evidence FROM consent WHERE source = 'page'")
    assert str(kept).startswith("en: I agree to get messages on WhatsApp about my invoices")
    assert count(stand, "consent", "method = 'ticked' AND purpose = 'reminders'") == 1


def test_the_question_stands_after_an_act_until_it_is_answered(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    assert "Did you understand your options?" not in client.get(dana.path).text
    shown = send(client, dana, "promise", currency="ILS", day="2026-12-01")
    data = {**hidden(shown, "feedback"), "answer": "partly", "words": "the fee"}

    answer = client.post(f"{dana.path}/feedback", data=data)

    shown = client.get(answer.headers["location"]).text
    assert "That helps us to write more clearly." in shown
    assert count(stand, "feedback", "answer = 'partly' AND locale = 'en'") == 1
    shown = client.get(f"{dana.path}?done=promise").text
    assert "Did you understand your options?" not in shown


def test_every_act_is_confirmed_where_its_link_went(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    for action in ("dispute", "help"):
        client.post(f"{dana.path}/{action}", data=filled(client, dana, action))
    nonce = re.findall(r'name="nonce" value="(\w+)"', client.get(f"{dana.path}/paid").text)[0]
    client.post(f"{dana.path}/paid", data={"nonce": nonce, "words": "By bank"})
    assert _confirmed(stand, dana) == [
        "invoice_disputed", "hardship_reported", "payment_reported",
    ]  # fmt: skip
    rina = add_payer(stand, "Rina Katz", given_name="Rina")
    client.post(f"{rina.path}/promise", data=filled(client, rina, "promise"))
    client.post(f"{rina.path}/stop", data=filled(client, rina, "stop"))
    assert _confirmed(stand, rina) == ["promise_made"]
