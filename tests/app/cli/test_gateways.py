"""`duly creditor gateway`, and what the doctor says of gateways."""

from __future__ import annotations

import pytest

from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor
from tests.world import World

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PAGE = "https://pay.carmel.example/{language}/duly"


@pytest.fixture
def carmel(migrated_url: str) -> None:
    world = World(migrated_url)
    creditor(world)
    world.close()


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DULY_EXTERNAL_SECRET", "s" * 40)


def _gateways(duly: Duly) -> tuple[bool, str]:
    told = duly("doctor", "--json").json["findings"]
    (found,) = [one for one in told if one["name"] == "gateways"]
    return found["well"], found["words"]


@pytest.mark.usefixtures("carmel", "secrets")
def test_a_creditor_is_paid_on_its_own_page_and_told_its_secret_once(with_database: Duly) -> None:
    assert _gateways(with_database) == (True, "the sandbox, which moves no money")

    ended = with_database("creditor", "gateway", "carmel", "external", "--address", PAGE)

    assert ended.code == 0, ended.err
    assert "Its secret, for its own server alone: whsec_" in ended.err
    assert _gateways(with_database) == (True, "external; the sandbox, which moves no money")
    house = with_database("creditor", "gateway", "carmel", "house")
    assert house.code == 0
    assert "Test mode: what is paid there is no real money." in house.err
    assert _gateways(with_database) == (True, "the sandbox, which moves no money")


@pytest.mark.usefixtures("carmel")
def test_a_gateway_that_is_chosen_and_not_set_up_is_amiss(with_database: Duly) -> None:
    with_database("creditor", "gateway", "carmel", "stripe")

    well, words = _gateways(with_database)

    assert not well
    assert "the gateway stripe is chosen and is not set up" in words


@pytest.mark.usefixtures("carmel")
def test_a_key_without_anybody_at_its_end_is_amiss(
    with_database: Duly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DULY_STRIPE_KEY", "sk_test_x")
    monkeypatch.setenv("DULY_STRIPE_WEBHOOK_SECRET", "whsec_x")
    monkeypatch.setenv("DULY_STRIPE_ADDRESS", "http://127.0.0.1:9")
    with_database("creditor", "gateway", "carmel", "stripe")

    well, words = _gateways(with_database)

    assert (well, words) == (False, "Stripe does not answer (no answer: ClientConnectorError)")


@pytest.mark.usefixtures("carmel", "secrets")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("carmel", "cash"), "There is no gateway cash"),
        (("carmel", "external"), "needs one"),
        (("carmel", "stripe", "--address", PAGE), "belongs to `external`"),
        (("carmel", "external", "--address", "http://x.example"), "cannot be used"),
        (("nobody", "stripe"), "There is no creditor nobody"),
    ],
)
def test_what_cannot_be_chosen_is_said(
    with_database: Duly, words: tuple[str, ...], said: str
) -> None:
    ended = with_database("creditor", "gateway", *words)

    assert ended.code != 0
    assert said in ended.err


@pytest.mark.usefixtures("carmel")
def test_the_own_page_wants_the_houses_secret(with_database: Duly) -> None:
    ended = with_database("creditor", "gateway", "carmel", "external", "--address", PAGE)

    assert ended.code == 1
    assert "DULY_EXTERNAL_SECRET is not set" in ended.err
