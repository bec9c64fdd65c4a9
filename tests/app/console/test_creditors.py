"""Creditors in the console: settings by the acts of the commands, and a contrast that is told."""

from collections.abc import Sequence
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from app.console.rooms import Room
from app.staff.roles import Role
from app.store.given import table_of
from app.store.rows import ActLine, Creditor, OnCall, OnCallWaiver
from tests.app.console.team import Seat, Team, rooms_named
from tests.databases import on_both_stores


@pytest.fixture
def rooms() -> Sequence[Room]:
    return rooms_named("creditors")


def creditor(team: Team) -> Creditor:
    with team.database.read() as session:
        return session.get_one(Creditor, team.creditor_id)


def here(team: Team, more: str = "") -> str:
    return f"/console/creditors/{team.creditor_id}{more}"


def png() -> BytesIO:
    content = BytesIO()
    Image.new("RGB", (200, 80), "#0b6e8f").save(content, "PNG")
    content.seek(0)
    return content


@on_both_stores
def test_what_messages_say_and_what_customers_may_arrange_is_set(team: Team, admin: Seat) -> None:
    admin.does(here(team, "/facts"), {"phone": "+972 4 000 0000", "order": "costs_first"})
    admin.does(here(team, "/limits"), {"plan.most_parts": "9", "promise.least_share": "0.5"})
    admin.does(here(team, "/page-check"), {"when": "always", "proof-postcode": "on"})

    row = creditor(team)
    assert row.brand["phone"] == "+972 4 000 0000"
    assert row.envelope["charges"]["order"] == "costs_first"
    assert row.envelope["plan"]["most_parts"] == "9"
    assert row.page_check == ["postcode"]
    page = admin.opens(here(team))
    assert 'value="9"' in page
    assert f"Time zone: <bdi>{row.zone}</bdi>" in page
    assert "Country: <bdi>Israel</bdi>" in page
    assert "Israel" in admin.opens("/console/creditors")
    admin.does(here(team, "/limits"), {"plan.most_parts": ""})
    assert "most_parts" not in creditor(team).envelope["plan"]


@on_both_stores
def test_money_goes_where_it_is_told(team: Team, admin: Seat) -> None:
    account = {"currency": "eur", "holder": "Northwind", "iban": "LT12 1000 0111 0100 1000"}
    admin.does(here(team, "/account"), account)
    admin.does(here(team, "/gateway"), {"gateway": "stripe"})
    page = admin.does(
        here(team, "/offers"), {"kind": "early_payment", "percent": "2", "within_days": "10"}
    )

    assert creditor(team).accounts == {
        "EUR": {"holder": "Northwind", "iban": "LT121000011101001000"}
    }
    assert creditor(team).gateway == "stripe"
    assert "Discount for early payment: 2 %" in page
    admin.does(here(team, "/offers/end"), {"kind": "early_payment"})
    admin.does(here(team, "/account/remove"), {"currency": "EUR"})
    assert creditor(team).accounts == {}


@on_both_stores
def test_who_is_called_is_listed_and_somebody_may_answer_for_nobody(
    team: Team, admin: Seat
) -> None:
    page = admin.does(here(team, "/on-call"), {"name": "Noa", "call_address": "+37061234567"})
    assert "+37061234567" in page
    admin.does(here(team, "/on-call/1/remove"))
    page = team.seat(Role.APPROVER).does(here(team, "/waive"), {"note": "the night desk"})

    assert "the night desk" in page
    with team.database.read() as session:
        assert session.get_one(OnCall, 1).removed_by == "0@house.example"
        assert session.get_one(OnCallWaiver, 1).note == "the night desk"
    admin.does(here(team, "/require"))


def test_a_colour_that_cannot_be_read_is_told_before_and_after(team: Team, admin: Seat) -> None:
    page = admin.opens(here(team, "?colour=%23ffee00"))
    assert "Mind the contrast" in page
    assert "text needs 4.5 to 1" in page

    page = admin.does(here(team, "/colour"), {"colour": "#FFEE00"})

    assert "Mind the contrast" in page
    assert creditor(team).brand["colour"] == "#ffee00"
    assert "Readable" in admin.does(here(team, "/colour"), {"colour": "#0b6e8f"})
    picture = admin.browser.get(here(team, "/look.svg?colour=%230b6e8f"))
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "#0b6e8f" in picture.text


def test_a_colour_that_is_none_draws_nothing_of_it(team: Team, admin: Seat) -> None:
    wicked = "%22/%3E%3Cscript%3E"

    assert "script" not in admin.opens(here(team, f"/look.svg?colour={wicked}"))
    answer = admin.presses(here(team, "/colour"), {"colour": "red"})
    assert answer.status_code == 422
    assert 'value="red"' in answer.text


def test_a_logo_is_drawn_anew_and_taken_away(team: Team, admin: Seat) -> None:
    page = admin.does(here(team, "/logo"), files={"logo": ("logo.png", png())})

    assert f"/brand/{team.creditor_id}/" in page
    broken = admin.presses(here(team, "/logo"), files={"logo": ("logo.png", BytesIO(b"no"))})
    assert broken.status_code == 422
    assert "PNG, JPEG or WebP" in broken.text
    admin.does(here(team, "/logo/remove"))
    assert "logo" not in creditor(team).brand


IMPOSSIBLE: list[tuple[str, dict[str, str], str]] = [
    ("/limits", {"plan.most_parts": "many"}, "most_parts"),
    ("/limits", {"team.hours": "always"}, "team.hours"),
    ("/account", {"currency": "EUR", "holder": "N", "iban": "LT00"}, "IBAN"),
    ("/account", {"currency": "E1", "holder": "N", "number": "1"}, "E1"),
    ("/gateway", {"gateway": "external", "address": "https://a"}, "DULY_EXTERNAL_SECRET"),
    ("/offers", {"kind": "thank_you", "percent": "2"}, "last day"),
    ("/offers", {"kind": "?", "percent": "2"}, "OfferKind"),
    ("/on-call", {"name": "Noa", "call_address": "x"}, "fault"),
    ("/waive", {"note": " "}, "Say who looks"),
    ("/page-check", {"when": "always"}, "Choose at least one question."),
]


def test_what_cannot_be_is_told_and_nothing_changes(team: Team, admin: Seat) -> None:
    before = creditor(team)
    for path, fields, says in IMPOSSIBLE:
        answer = admin.presses(here(team, path), fields)

        assert (path, answer.status_code) == (path, 422)
        assert says in answer.text
    assert creditor(team) == before
    with team.database.read() as session:
        assert session.connection().execute(select(table_of(ActLine))).all() == []


def test_who_may_not_run_the_house_sees_and_changes_nothing(team: Team, agent: Seat) -> None:
    page = agent.opens(here(team))

    assert "Take this colour" not in page
    assert "<fieldset disabled>" in page
    for path in ("/facts", "/limits", "/colour", "/gateway", "/account", "/on-call", "/waive"):
        assert agent.presses(here(team, path)).status_code == 403
