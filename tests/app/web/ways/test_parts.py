"""Paying in parts: looked at without changing anything, agreed once, and only as it may be."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from app.intake.plan_offers import Rhythm, Terms
from app.intake.plan_wishes import counter_wish
from tests.app.web.people import NOW, Payer, Stand, add_payer, change, one_value
from tests.app.web.test_acting import count, form_of, hidden
from tests.databases import on_both_stores

TODAY = NOW.date()
CHOSEN = {"currency": "ILS", "parts": "3", "rhythm": "fortnightly", "first": TODAY.isoformat()}


def looked(client: TestClient, payer: Payer, **fields: str) -> str:
    answer = client.get(f"{payer.path}/parts", params={**CHOSEN, **fields})
    assert answer.status_code in (200, 422), answer.text
    return answer.text


def agreed(client: TestClient, payer: Payer, **fields: str) -> str:
    """Chooses, sees, agrees, and looks at the page that this leads to."""
    answer = client.post(
        f"{payer.path}/parts", data={**hidden(looked(client, payer), "parts"), **fields}
    )
    if answer.status_code == 303:
        return client.get(answer.headers["location"]).text
    assert answer.status_code in (409, 422)
    return answer.text


def offers_parts(client: TestClient, payer: Payer) -> bool:
    return f"{payer.path}/parts" in client.get(payer.path).text


def test_the_days_and_amounts_are_seen_first_and_nothing_is_agreed_yet(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    assert offers_parts(client, dana)

    page = looked(client, dana)

    days = re.findall(r"<dt><bdi>(.*?)</bdi></dt><dd><bdi>(.*?)</bdi></dd>", page)
    assert days == [
        ("Tuesday, 24 November 2026", "₪413.50"),
        ("Tuesday, 8 December 2026", "₪413.50"),
        ("Tuesday, 22 December 2026", "₪413.50"),
    ]
    assert "Nothing is agreed yet." in page
    assert (count(stand, "plan"), count(stand, "event")) == (0, 0)


def test_a_plan_is_agreed_shown_and_its_first_part_paid_by_card(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    page = agreed(client, dana)

    assert "Your plan is agreed." in page
    assert "You pay in parts" in page
    assert count(stand, "plan", "agreed_by = 'page' AND amount_minor = 124050") == 1
    assert count(stand, "event", "kind = 'plan_agreed'") == 1
    assert not offers_parts(client, dana)

    assert "Pay the next part: <bdi>₪413.50</bdi>" in page
    forms = re.findall(r'action="[^"]*/pay">(.*?)</form>', page, re.DOTALL)
    data = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', forms[0]))
    to = client.post(f"{dana.path}/pay", data=data).headers["location"]
    client.post(to.removeprefix("http://testserver"), data={"act": "pay"})

    assert one_value(stand, "SELECT state FROM instalment WHERE number = 1") == "paid"
    assert "Pay the next part: <bdi>₪413.50</bdi>" in client.get(dana.path).text
    assert one_value(stand, "SELECT sum(open_minor) FROM invoice") == 82_700


@on_both_stores
def test_the_same_form_twice_agrees_one_plan(stand: Stand, client: TestClient, dana: Payer) -> None:
    data = hidden(looked(client, dana), "parts")

    answers = [client.post(f"{dana.path}/parts", data=data).status_code for _ in range(3)]

    assert answers == [303, 303, 303]
    assert (count(stand, "plan"), count(stand, "instalment")) == (1, 3)
    assert count(stand, "event", "kind = 'plan_agreed'") == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"parts": "7"}, "We cannot agree to this right away"),
        ({"parts": "121"}, "longer than we can agree on here"),
        ({"parts": "1"}, "longer than we can agree on here"),
        ({"parts": "6", "rhythm": "monthly"}, "Nothing is agreed yet."),
        ({"parts": "6", "rhythm": "monthly", "first": "2026-12-24"}, "We cannot agree to this"),
        ({"first": "2026-12-25"}, "We cannot agree to this right away"),
        ({"first": "2027-12-25"}, "longer than we can agree on here"),
        ({"first": "2026-11-23"}, "longer than we can agree on here"),
        ({"first": "other", "other_day": "2026-12-01"}, "Tuesday, 1 December 2026"),
        ({"first": "other", "other_day": "soon"}, "Please choose a day within the next weeks."),
        ({"rhythm": "daily"}, "Please choose one of the options."),
        ({"parts": "²"}, "Please choose one of the options."),
        ({"parts": ""}, "Please choose one of the options."),
        ({"parts": "amount", "each": "500"}, "Tuesday, 22 December 2026"),
        ({"parts": "amount", "each": "10"}, "longer than we can agree on here"),
        ({"parts": "amount", "each": "100"}, "We cannot agree to this right away"),
        ({"parts": "amount", "each": "2000"}, "This is more than what is open."),
        ({"parts": "amount", "each": "lots"}, "Please write the amount in figures only"),
        ({"currency": "USD"}, "Paying in parts cannot be agreed here."),
    ],
)
def test_a_choice_is_shown_asked_for_or_refused_kindly(
    stand: Stand, client: TestClient, dana: Payer, fields: dict[str, str], said: str
) -> None:
    assert said in looked(client, dana, **fields)
    assert count(stand, "event") == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"parts": "60"},
        {"first": "2027-03-01"},
        {"first": "2026-01-01"},
        {"shown": "100"},
        {"currency": "USD"},
        {"rhythm": ""},
        {"nonce": "0" * 32},
    ],
)
def test_a_forged_form_agrees_nothing(
    stand: Stand, client: TestClient, dana: Payer, fields: dict[str, str]
) -> None:
    assert "That did not work" in agreed(client, dana, **fields)
    assert (count(stand, "plan"), count(stand, "event")) == (0, 0)


def test_a_debt_that_is_past_its_limitation_date_is_not_planned_by_any_way(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    data = hidden(looked(client, dana), "parts")
    change(stand, f"UPDATE invoice SET limitation_on = '{TODAY}' WHERE id = 1")

    assert not offers_parts(client, dana)
    assert "cannot be agreed here" in looked(client, dana)
    assert client.post(f"{dana.path}/parts", data=data).status_code == 422
    assert count(stand, "plan") == 0


def test_who_has_an_arrangement_or_nothing_open_is_offered_no_plan(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    assert offers_parts(client, dana)

    data = {**form_of(client, dana, "promise"), "day": str(TODAY + timedelta(days=3))}
    client.post(f"{dana.path}/promise", data={**data, "currency": "ILS"})
    assert not offers_parts(client, dana)

    settled = add_payer(stand, "Nobody", invoices=False)
    assert not offers_parts(client, settled)


def test_what_is_disputed_stays_out_of_the_plan(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    data = {**form_of(client, dana, "dispute"), "invoice": "2"}
    client.post(f"{dana.path}/dispute", data={**data, "kind": "wrong_amount"})

    page = agreed(client, dana)

    assert "Your plan is agreed." in page
    assert one_value(stand, "SELECT amount_minor FROM plan") == 100_000
    amounts = [
        one_value(stand, f"SELECT amount_minor FROM instalment WHERE number = {n}")
        for n in (1, 2, 3)
    ]
    assert amounts == [33_334, 33_333, 33_333]


@pytest.mark.parametrize(
    ("locale", "said"),
    [("he", "ההסדר נקבע"), ("ar", "تم اعتماد الخطة"), ("lt", "Dėl plano sutarta")],
)
def test_a_plan_is_agreed_in_every_language(
    stand: Stand, client: TestClient, locale: str, said: str
) -> None:
    payer = add_payer(stand, "Somebody", locale=locale)

    assert said in agreed(client, payer)
    assert one_value(stand, "SELECT min(due_on) FROM instalment") in (
        str(TODAY),
        date(2026, 11, 24),
    )


def wished(client: TestClient, payer: Payer, **fields: str) -> str:
    """Asks for ten parts, which the creditor's limits do not allow, and looks where it leads."""
    form = hidden(looked(client, payer, parts="10"), "wish")
    answer = client.post(f"{payer.path}/wish", data={**form, **fields})
    return client.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text


@on_both_stores
def test_what_cannot_be_agreed_alone_is_asked_of_the_team_once(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    page = wished(client, dana, words="I am paid every two weeks", payable="250")

    assert "You have asked for a plan" in page
    assert page.count("will answer by <bdi>26 November 2026</bdi>") == 2  # thanks, and what stands
    assert count(stand, "plan_wish", "state = 'open' AND parts = 10 AND amount_minor = 124050") == 1
    assert count(stand, "task", "kind = 'plan_wished' AND team = 'collections'") == 1
    assert count(stand, "hold", "why = 'plan_wished' AND released_at IS NULL") == 1
    assert count(stand, "reply", "text = 'I am paid every two weeks'") == 1
    assert count(stand, "means", "about = 'plan' AND payable_minor = 25000") == 1
    assert count(stand, "plan") == 0

    wished(client, dana)
    assert count(stand, "plan_wish", "state = 'open'") == 1
    assert count(stand, "plan_wish", "state = 'replaced'") == 1


def test_a_plan_is_asked_for_where_the_creditor_offers_none(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, 'UPDATE creditor SET envelope = \'{"plan": {"most_parts": 0}}\'')

    assert "We cannot agree to this right away" in looked(client, dana)
    form = {**hidden(looked(client, dana), "wish")}
    nonce = {"nonce": hidden(client.get(f"{dana.path}/promise").text, "promise")["nonce"]}
    assert client.post(f"{dana.path}/wish", data={**form, **nonce}).status_code == 409
    assert client.post(f"{dana.path}/wish", data={**form, "shown": "1"}).status_code == 409
    assert client.post(f"{dana.path}/wish", data={**form, "parts": "900"}).status_code == 422
    assert count(stand, "plan_wish") == 0


@on_both_stores
def test_what_the_team_offers_instead_stands_on_the_page_and_is_agreed_there(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    wished(client, dana)
    terms = Terms(8, Rhythm.MONTHLY, TODAY + timedelta(days=9))
    until = TODAY + timedelta(days=7)
    with stand.database.write() as session:
        counter_wish(session, 1, terms, until=until, decided_by="noa", now=NOW)

    page = client.get(dana.path).text
    assert "We can offer you another plan" in page
    assert "You have asked for a plan" not in page
    link = re.search(rf'href="{dana.path}/parts\?([^"]*)"', page)
    assert link is not None
    seen = client.get(f"{dana.path}/parts?{unescape(link[1])}").text
    assert "Agree to this plan" in seen
    assert "Ask for this plan" in looked(client, dana, parts="9", rhythm="monthly")

    done = client.post(f"{dana.path}/parts", data=hidden(seen, "parts"))

    assert "Your plan is agreed." in client.get(done.headers["location"]).text
    assert count(stand, "instalment", "amount_minor BETWEEN 15500 AND 15510") == 8
    assert count(stand, "plan_wish", "state = 'agreed' AND plan_id = 1") == 1
