"""Senders in the console: health, what they may send, and a test to ourselves."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.loops.assembly import publish_shipped
from app.staff.roles import Role
from app.store.bulk import update_rows
from app.store.rows import Sender
from tests.app.console.latin import english_in
from tests.app.console.team import Seat, Team, rooms_named, sitting
from tests.app.web.people import NOW
from tests.databases import on_both_stores


@pytest.fixture
def team(migrated_url: str, tmp_path: Path) -> Iterator[Team]:
    with sitting(
        migrated_url, rooms=rooms_named("senders"), sandbox_ledger=tmp_path / "ledger.sqlite3"
    ) as built:
        yield built


def sender(team: Team, made: str) -> Sender:
    with team.database.read() as session:
        return session.get_one(Sender, int(made.rpartition("/")[2]))


@pytest.fixture
def made(team: Team, admin: Seat) -> str:
    """A sender of the sandbox, by its path."""
    told = {"creditor": str(team.creditor_id), "medium": "sms", "provider": "sandbox",
            "address": "+15550100000", "display_name": "Carmel"}  # fmt: skip
    return admin.presses("/console/senders", told).headers["location"]


@on_both_stores
def test_a_sender_is_made_changed_paused_and_goes_on(team: Team, admin: Seat, made: str) -> None:
    page = admin.does(made, {"per_day": "500", "languages": "he, en", "cleared": "il: MOC 1"})

    assert 'value="he, en"' in page
    assert (sender(team, made).per_day, sender(team, made).languages) == (500, ["he", "en"])
    assert sender(team, made).cleared == {"il": "MOC 1"}
    page = admin.does(f"{made}/pause")
    assert f"{made}/resume" in page
    assert sender(team, made).active is False
    admin.does(f"{made}/resume")
    assert sender(team, made).active is True


def test_what_cannot_be_is_told_and_what_was_typed_stays(admin: Seat, made: str) -> None:
    answer = admin.presses(made, {"per_second": "fast"})

    assert answer.status_code == 422
    assert 'id="per_second-fault">give messages a second, such as 0.5 or 80' in answer.text
    assert 'value="fast"' in answer.text
    assert admin.presses("/console/senders", {"medium": "pigeon"}).status_code == 422


def test_a_provider_is_one_that_carries_the_channel(team: Team, admin: Seat, made: str) -> None:
    page = admin.opens("/console/senders/new")
    assert re.search(r'<option value="no" selected>No</option>', page), "a sender answers nothing"
    for provider in ("twillio", "smtp", ""):
        told = {"creditor": str(team.creditor_id), "medium": "sms", "provider": provider,
                "address": "+15550100000", "display_name": "Carmel"}  # fmt: skip
        refused = admin.presses("/console/senders", told)
        assert refused.status_code == 422
        assert "By this channel there is: twilio, sandbox." in re.sub(
            "[\u2066-\u2069]", "", refused.text
        )


@on_both_stores
def test_a_test_goes_to_an_address_of_our_own_alone(team: Team, admin: Seat, made: str) -> None:
    publish_shipped(team.database, NOW, kinds=("template",))
    told = {"creditor": str(team.creditor_id), "medium": "sms", "to": "+37061234567"}
    nowhere = admin.presses("/console/senders/test", {**told, "to": "12"})
    assert "There is no such number or mailbox." in nowhere.text
    refused = admin.presses("/console/senders/test", told)
    assert (refused.status_code, "no address of our own" in refused.text) == (422, True)
    admin.does("/console/senders/allow", {"address": "+370 612 34567", "note": "mine"})

    answer = admin.presses("/console/senders/test", told)

    assert made
    assert answer.status_code == 200
    assert "The provider took it" in answer.text
    assert "mine" in admin.opens("/console/senders")
    admin.does("/console/senders/allow/remove", {"address": "+37061234567"})


def test_a_test_that_is_not_taken_says_why_and_what_to_do_in_the_readers_language(
    migrated_url: str,
) -> None:
    with sitting(
        migrated_url,
        rooms=rooms_named("senders"),
        provider="real",
        smtp_host="127.0.0.1",  # where nobody listens
        smtp_port=9,
        smtp_security="none",
    ) as team:
        publish_shipped(team.database, NOW, kinds=("template",))
        admin = team.seat(*Role)
        told = {"creditor": str(team.creditor_id), "medium": "email"}
        with team.database.write() as session:
            mailbox = {"medium": "email", "provider": "smtp"}
            update_rows(session, Sender, [mailbox], by="medium")
        admin.does("/console/senders/allow", {"address": "b@house.example"})
        for language in ("en", "he", "ar", "lt"):
            seat = team.seat(*Role, language=language)
            page = seat.presses("/console/senders/test", {**told, "to": "b@house.example"}).text
            (said,) = re.findall(r'<p class="said bad" role="status">(.*?)</p>', page)
            assert "<bdi>connect</bdi>" in said
            assert ("Try again in some minutes." in said) == (language == "en")
            assert language in ("en", "lt") or english_in(f"<p>{said}</p>", language) == []


def test_everything_is_looked_at_as_the_doctor_does(team: Team, admin: Seat) -> None:
    page = admin.opens("/console/senders/check")

    assert "no journeys" in page
    assert "Run: duly db upgrade" in page


def test_who_may_not_run_the_house_only_looks(agent: Seat, made: str) -> None:
    page = agent.opens("/console/senders")

    assert "+15550100000" in page
    assert "Send the test" not in page
    assert agent.browser.get("/console/senders/check").status_code == 403
    for path in (made, f"{made}/pause", "/console/senders/test", "/console/senders/allow"):
        assert agent.presses(path).status_code == 403
