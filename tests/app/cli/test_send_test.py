"""`duly send-test`: to ourselves alone, through a real channel, with the provider's own answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor
from tests.factories import NOON
from tests.world import World

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
OURS = "+972525234567"
TO_US = ("send-test", "--channel", "sms", "--to", OURS, "--locale", "he")


@pytest.fixture
def twilio(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalTwilio]:
    world = World(migrated_url)
    creditor(world)
    world.run("UPDATE sender SET provider = 'twilio' WHERE medium = 'sms'")
    world.close()
    local = LocalTwilio(lambda: NOON)
    with served(local.app()) as url:
        monkeypatch.setenv("DULY_PROVIDER", "real")
        monkeypatch.setenv("DULY_TWILIO_ACCOUNT", ACCOUNT)
        monkeypatch.setenv("DULY_TWILIO_TOKEN", TOKEN)
        monkeypatch.setenv("DULY_TWILIO_BASE_URL", url)
        yield local


@SQLITE
def test_a_sample_goes_to_an_address_of_ours_and_leaves_no_trace(
    with_database: Duly, twilio: LocalTwilio
) -> None:
    with_database("allow", "add", OURS, "--by", "Dana")

    sent = with_database(*TO_US)

    (taken,) = twilio.taken
    assert (sent.code, taken.form["To"]) == (0, OURS)
    assert sent.out.startswith("accepted: sms by twilio, from ")
    assert taken.sid in sent.out
    assert "/p/sample" in taken.body


@SQLITE
def test_nobody_but_us_gets_one(with_database: Duly, twilio: LocalTwilio) -> None:
    stranger = with_database(*TO_US)
    with_database("allow", "add", OURS, "--by", "Dana")
    with_database("stop", "--channel", "sms")
    stopped = with_database(*TO_US)
    nothing = with_database("send-test", "--channel", "whatsapp", "--to", OURS)
    unknown = with_database(*TO_US[:4], OURS, "--template", "no_such")

    assert [each.code for each in (stranger, stopped, nothing, unknown)] == [2, 2, 2, 2]
    assert "duly allow add" in stranger.err
    assert "duly go" in stopped.err
    assert "sandbox is not set up here" in nothing.err
    assert twilio.taken == []


@SQLITE
def test_what_the_provider_says_is_told(
    with_database: Duly, twilio: LocalTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_database("allow", "add", OURS, "--by", "Dana")
    monkeypatch.setenv("DULY_TWILIO_TOKEN", "0" * 32)

    refused = with_database(*TO_US)

    assert refused.code == 1
    assert "sms by twilio" in refused.err
    assert twilio.taken == []
