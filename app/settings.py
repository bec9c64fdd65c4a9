"""Every setting: a variable that begins with `DULY_`; a secret may stand in a file (`_FILE`).

`read_settings` is the one way in from the environment. It tells everything that is wrong at once,
and it refuses to run outside development on what only a demo may use.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.fitness import (
    DEVELOPMENT_SECRET,
    PREFIX,
    Finding,
    unfit,
)
from app.mail_settings import MailSettings
from app.pace_settings import PaceSettings
from app.payment_settings import PaymentSettings
from app.setting_kinds import Origin, OriginIfAny, Secret

OF_THE_TESTS = frozenset({"DULY_VECTORS"})


class SettingsError(ValueError):
    """The environment cannot be used. Holds every finding, not just the first."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("Settings are not usable:\n" + "\n".join(f"  {f}" for f in findings))
        self.findings = findings


class Settings(MailSettings, PaymentSettings, PaceSettings):
    """How this process runs. Frozen; values come from arguments alone, see `read_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    environment: Literal["development", "test", "production"] = Field(
        default="development",
        description="How strict to be: `development` takes any default, `test` wants a secret of"
        " its own, `production` refuses everything that only a demo may use.",
    )
    rehearsal: bool = Field(
        default=False,
        description="Test mode: production runs on the sandbox, which shows everything, sends"
        " nothing and takes no money. Every page says so, and a real provider is refused.",
    )
    database_url: str = Field(
        default="sqlite:///duly.sqlite3",
        repr=False,
        description="The store: `sqlite:///path` or `postgresql+psycopg://user@host/name`."
        " A secret when it holds a password.",
    )
    secret_key: Secret = Field(
        default=SecretStr(DEVELOPMENT_SECRET),
        description="Makes the links and forms of customers, so changing it voids every link that"
        " was sent. At least 32 bytes; `openssl rand -base64 48` makes one.",
    )
    base_url: Origin = Field(
        default="http://127.0.0.1:8000",
        description="Where customers reach the pages; links in messages begin with it. Where only"
        " the port is chosen: that port of this machine.",
    )
    console_url: OriginIfAny = Field(
        default="",
        description="Where the team reaches the console, if that is another address than"
        " DULY_BASE_URL: sign-in links and alarms begin with it.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="How much the log tells. It never holds a token or a customer's data.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="How the log is written: `text` for people, `json` for programs, an object a"
        " line.",
    )
    provider: Literal["sandbox", "real"] = Field(
        default="sandbox",
        description="Who carries the messages. `sandbox` keeps them to itself, `real` is each"
        " sender's own provider.",
    )
    sandbox_ledger: Path = Field(
        default=Path("sandbox.sqlite3"),
        description="The file where the sandbox notes what it accepted.",
    )
    documents: Path = Field(
        default=Path("documents"),
        description="The folder that keeps the files of invoices; back it up with the database.",
    )
    errand_days: int = Field(
        default=14,
        ge=1,
        le=365,
        description="Days that files of imports, exports and trials made in the console are kept;"
        " the record that they were made stays.",
    )
    link_days: int = Field(
        default=30, ge=1, le=365, description="Days that a personal link works after its message."
    )
    special_days: int = Field(
        default=90,
        ge=1,
        le=365,
        description="Days that what customers tell of illness, a death, their means or danger is"
        " kept; then the words are gone for good.",
    )
    alarm_minutes: int = Field(
        default=5,
        ge=1,
        le=60,
        description="Minutes that whoever is on call has to take an alarm before the next is"
        " called (`duly oncall`).",
    )
    outbox_links: Literal["live", "masked"] = Field(
        default="live",
        description="Whether links in the outbox can be followed. Never in production.",
    )
    ledger_max_age_hours: int = Field(
        default=26,
        ge=1,
        description="A book that is older than this stops all sending for its creditor.",
    )

    twilio_account: str = Field(
        default="",
        description="The account SID at Twilio (`AC…`): with it, senders of `twilio` can speak.",
    )
    twilio_token: SecretStr = Field(
        default=SecretStr(""),
        description="The auth token of that account. It also signs Twilio's calls to us.",
    )
    twilio_base_url: str = Field(
        default="",
        description="Stands in for every address of Twilio's, such as a local one that plays it.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the signature is pydantic's)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # Only arguments: `read_settings` reads the environment, because it can tell all faults.
        return (init_settings,)

    number_lookup: Literal["off", "twilio"] = Field(
        default="off",
        description="Who is asked what a number is before the first text goes there. Each number is"
        " asked about once, and each question costs.",
    )

    @field_validator("twilio_account")
    @classmethod
    def _is_an_account(cls, value: str) -> str:
        if value and not re.fullmatch("AC[0-9a-f]{32}", value):
            raise ValueError("it is no account SID (AC and 32 digits)")
        return value

    @model_validator(mode="before")
    @classmethod
    def _is_reached_where_it_listens(cls, given: dict[str, Any]) -> dict[str, Any]:
        port = str(given.get("port", "0"))
        if "base_url" in given or port == "0":
            return given
        return {**given, "base_url": f"http://127.0.0.1:{port}"}

    @model_validator(mode="after")
    def _fits_its_environment(self) -> Self:
        findings = unfit(self)
        if findings:
            raise ValueError("; ".join(str(finding) for finding in findings))
        return self

    @property
    def secret(self) -> bytes:
        """The key of links and forms. Each use hashes a prefix of its own."""
        return self.secret_key.get_secret_value().encode()

    @property
    def twilio(self) -> Mapping[str, str]:
        """What Twilio's channels are opened with; empty where there is no account."""
        if not self.twilio_account:
            return {}
        return {
            "account": self.twilio_account,
            "token": self.twilio_token.get_secret_value(),
            "base_url": self.twilio_base_url,
            "callback": f"{self.base_url}/webhooks/twilio",
        }

    @property
    def console_origin(self) -> str:
        """What the addresses of the console begin with."""
        return self.console_url or self.base_url

    @property
    def errand_files(self) -> Path:
        """Where the files of imports and exports lie that the console was given or made."""
        return self.documents / "errands"

    @property
    def shows_outbox(self) -> bool:
        """Whether the outbox, the demo's index and the sandbox's payer page exist at all."""
        return self.environment != "production"

    @property
    def outfits(self) -> bool:
        """Whether a new creditor gets the shipped campaigns, and senders of the sandbox: where that
        carries, and never in production."""
        return self.environment != "production" and self.provider == "sandbox"

    @property
    def sends_nothing(self) -> bool:
        """Test mode of messages: all is shown, and nothing leaves."""
        return self.provider == "sandbox"

    @property
    def plays_money(self) -> bool:
        """Whether the sandbox may say that something was paid."""
        return self.environment != "production" or self.rehearsal


SECRETS = (
    "database_url", "secret_key", "gateway_secret", "twilio_token", "smtp_password",
    "sendgrid_key", "sendgrid_inbound_token", "stripe_key", "stripe_webhook_secret",
    "external_secret", "metrics_token",
)  # fmt: skip


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `environ` (the process's own by default).

    Raises `SettingsError` with every unknown name, bad value and insecure default at once.
    """
    values, findings = _values(os.environ if environ is None else environ)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        findings += _faults(error)
        faulty = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
        sound = {name: value for name, value in values.items() if name not in faulty}
        findings += [f for f in unfit(_loosely(sound)) if _field(f.variable) not in faulty]
        raise SettingsError(tuple(findings)) from None  # the cause would print a secret's repr
    if findings:
        raise SettingsError(tuple(findings))
    return settings


def _values(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Finding]]:
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in OF_THE_TESTS:
            continue
        name = _field(variable)
        if name in Settings.model_fields:
            values[name] = environ[variable]
        elif name.removesuffix("_file") in SECRETS and name.endswith("_file"):
            findings += _read_secret(variable, environ, values)
        else:
            findings.append(_unknown(variable))
    return values, findings


def _read_secret(
    variable: str, environ: Mapping[str, str], values: dict[str, Any]
) -> list[Finding]:
    plain = variable.removesuffix("_FILE")
    if plain in environ:
        return [Finding(variable, f"{plain} is set too", "Set one of the two")]
    try:
        values[_field(plain)] = Path(environ[variable]).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        # A default must not stand in for a secret that was meant to be read.
        return [Finding(variable, f"its file cannot be read ({cause})", "Name a readable file")]
    return []


def _unknown(variable: str) -> Finding:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    known += [f"{PREFIX}{name.upper()}_FILE" for name in SECRETS]
    near = difflib.get_close_matches(variable.upper(), known, n=1, cutoff=0.6)
    remedy = f"The nearest is {near[0]}" if near else "docs/settings.md lists all names"
    return Finding(variable, "there is no such setting", remedy)


def _faults(error: ValidationError) -> list[Finding]:
    found = []
    for fault in error.errors():
        if not fault["loc"]:
            continue  # the environment's demands: told by `_unfit`, each under its own name
        name = str(fault["loc"][0])
        problem = fault["msg"].removeprefix("Value error, ")
        remedy = "See docs/settings.md for what it may be"
        found.append(Finding(PREFIX + name.upper(), problem[:1].lower() + problem[1:], remedy))
    return found


def _loosely(values: Mapping[str, Any]) -> Settings:
    """The sound values and defaults for the rest, without asking whether they fit together."""
    made = Settings.model_construct(**values)
    loose = made.__dict__
    for name in SECRETS[1:]:
        loose[name] = SecretStr(str(_shown(loose[name])))
    loose["rehearsal"] = str(loose["rehearsal"]).lower() in {"1", "true", "yes", "on", "t", "y"}
    return made


def _shown(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _field(variable: str) -> str:
    return variable.removeprefix(PREFIX).lower()
