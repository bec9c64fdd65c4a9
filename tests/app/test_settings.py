"""Settings: read from an environment, refused with every fault at once, and written down."""

from pathlib import Path

import pytest

from app.settings import SECRETS, Settings, SettingsError, read_settings
from tests.house.tree import ROOT

KEY = "k" * 40
PRODUCTION = {
    "DULY_ENVIRONMENT": "production",
    "DULY_SECRET_KEY": KEY,
    "DULY_GATEWAY_SECRET": "g" * 40,
    "DULY_BASE_URL": "https://pay.example.com",
    "DULY_REHEARSAL": "true",
}


def _refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ)
    return str(caught.value)


def test_nothing_has_to_be_set_for_development() -> None:
    settings = read_settings({})

    assert (settings.environment, settings.lease_seconds, settings.batch_size) == (
        "development",
        60,
        200,
    )


def test_variables_of_others_are_left_alone() -> None:
    assert read_settings({"HOME": "here", "DULY_VECTORS": "there"}).port == 8000


@pytest.mark.parametrize(
    ("chosen", "reached"),
    [
        ({"DULY_PORT": "8123"}, "http://127.0.0.1:8123"),
        ({"DULY_PORT": "0"}, "http://127.0.0.1:8000"),
        ({"DULY_PORT": "8123", "DULY_BASE_URL": "https://a.example"}, "https://a.example"),
    ],
)
def test_links_lead_to_the_port_that_was_chosen(chosen: dict[str, str], reached: str) -> None:
    assert read_settings(chosen).base_url == reached


def test_an_unknown_name_is_refused_with_the_nearest_right_one() -> None:
    assert "DULY_LEASE_SECOND: there is no such setting. The nearest is DULY_LEASE_SECONDS" in (
        _refusal({"DULY_LEASE_SECOND": "5"})
    )


def test_every_fault_is_told_at_once() -> None:
    told = _refusal(
        {
            "DULY_ENVIRONMENT": "production",
            "DULY_PROT": "80",
            "DULY_BATCH_SIZE": "many",
            "DULY_BASE_URL": "http://pay.example.com",
            "DULY_CONSOLE_URL": "http://desk.example.com",
        }
    )

    for variable in (
        "PROT", "BATCH_SIZE", "BASE_URL", "CONSOLE_URL", "SECRET_KEY", "PROVIDER", "GATEWAY",
    ):  # fmt: skip
        assert f"DULY_{variable}: " in told


def test_production_starts_when_everything_is_in_order() -> None:
    settings = read_settings(PRODUCTION)

    assert not settings.shows_outbox


@pytest.mark.parametrize("variable", [name for name in PRODUCTION if name != "DULY_ENVIRONMENT"])
def test_production_refuses_each_default_that_only_a_demo_may_use(variable: str) -> None:
    environ = {name: value for name, value in PRODUCTION.items() if name != variable}

    assert "in production" in _refusal(environ)


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_rehearsal_sends_nothing_so_it_takes_no_real_provider(environment: str) -> None:
    told = _refusal(PRODUCTION | {"DULY_ENVIRONMENT": environment, "DULY_PROVIDER": "real"})

    assert "DULY_REHEARSAL: a rehearsal sends nothing" in told


def test_stripes_test_mode_and_the_sandbox_take_no_real_money() -> None:
    hook = {"DULY_STRIPE_WEBHOOK_SECRET": "whsec_1"}
    test = read_settings(hook | {"DULY_STRIPE_KEY": "sk_test_1"})
    live = read_settings(PRODUCTION | hook | {"DULY_STRIPE_KEY": "rk_live_1"})

    assert [test.takes_real_money(name) for name in ("sandbox", "stripe", "external")] == [
        False,
        False,
        True,
    ]
    assert live.takes_real_money("stripe")


@pytest.mark.parametrize(
    ("told", "expected"),
    [({}, True), ({"DULY_PROVIDER": "real"}, False), (PRODUCTION, False)],
    ids=["sandbox", "real providers", "rehearsal"],
)
def test_senders_of_the_sandbox_are_made_where_it_carries(
    told: dict[str, str], expected: bool
) -> None:
    assert read_settings(told).outfits is expected


def test_production_cannot_be_had_by_the_back_door() -> None:
    with pytest.raises(ValueError, match="no secret in production"):
        Settings(environment="production")


def test_a_test_environment_wants_a_secret_of_its_own() -> None:
    assert "DULY_SECRET_KEY" in _refusal({"DULY_ENVIRONMENT": "test"})


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")

    assert read_settings({"DULY_SECRET_KEY_FILE": str(path)}).secret == KEY.encode()


def test_a_secret_that_cannot_be_read_is_refused_and_no_default_stands_in(tmp_path: Path) -> None:
    told = _refusal({"DULY_SECRET_KEY_FILE": str(tmp_path / "missing")})

    assert "DULY_SECRET_KEY_FILE: its file cannot be read (No such file or directory)" in told


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)

    assert "is set too" in _refusal({"DULY_SECRET_KEY_FILE": str(path), "DULY_SECRET_KEY": KEY})


def test_only_secrets_have_a_file_form() -> None:
    assert "DULY_PORT_FILE: there is no such setting" in _refusal({"DULY_PORT_FILE": "x"})


@pytest.mark.parametrize("url", ["ftp://x", "pay.example.com", "https://u@x.example", "http://"])
def test_a_base_address_is_a_plain_web_address(url: str) -> None:
    assert "DULY_BASE_URL" in _refusal({"DULY_BASE_URL": url})


def test_the_console_is_beside_the_pages_unless_it_has_an_address_of_its_own() -> None:
    beside = read_settings({"DULY_BASE_URL": "https://pay.example.com"})
    apart = read_settings({"DULY_CONSOLE_URL": "https://desk.example.com/"})

    assert beside.console_origin == "https://pay.example.com"
    assert apart.console_origin == "https://desk.example.com"
    assert "DULY_CONSOLE_URL" in _refusal({"DULY_CONSOLE_URL": "desk.example.com"})


def test_no_secret_is_ever_printed() -> None:
    secret = "postgresql+psycopg://duly:hunter2@db/duly"
    settings = read_settings({"DULY_SECRET_KEY": KEY, "DULY_DATABASE_URL": secret})
    told = _refusal({"DULY_SECRET_KEY": "too-short-secret", "DULY_ENVIRONMENT": "production"})

    assert KEY not in repr(settings)
    assert "hunter2" not in repr(settings)
    assert "too-short-secret" not in told


@pytest.mark.parametrize("path", [".env.example", "docs/settings.md"])
def test_every_setting_is_written_down(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    names = [f"DULY_{name.upper()}" for name in Settings.model_fields]
    names += [f"DULY_{name.upper()}_FILE" for name in SECRETS]

    assert [name for name in names if name not in text] == []


def test_the_example_holds_the_defaults() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    pairs = [line[1:].partition("=") for line in lines if line.startswith("#DULY_")]
    environ = {name: value for name, _, value in pairs}

    assert len(environ) == len(Settings.model_fields)
    assert read_settings(environ) == read_settings({})


def test_every_setting_is_explained() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        (
            {"DULY_SMTP_HOST": "relay.example", "DULY_SMTP_SECURITY": "none"},
            "DULY_SMTP_SECURITY",
        ),
        ({"DULY_SMTP_USERNAME": "duly"}, "DULY_SMTP_PASSWORD"),
        ({"DULY_SENDGRID_WEBHOOK_KEY": "MFkwEwYH"}, "DULY_SENDGRID_WEBHOOK_KEY"),
        ({"DULY_SENDGRID_BASE_URL": "api.sendgrid.com"}, "DULY_SENDGRID_BASE_URL"),
    ],
)
def test_mail_that_is_half_set_up_is_refused(environ: dict[str, str], variable: str) -> None:
    assert f"{variable}: " in _refusal(environ)
