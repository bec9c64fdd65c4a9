"""Whether settings fit their environment: each finding names the variable, the cause, the remedy.

It reads no environment and no file, and tells all at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.mail_settings import mail_gaps

if TYPE_CHECKING:
    from app.settings import Settings

PREFIX: Final = "DULY_"
DEVELOPMENT_SECRET = "duly-development-secret-that-everybody-knows"
DEVELOPMENT_GATEWAY_SECRET = "duly-sandbox-gateway-secret-that-everybody-knows"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one variable, and what to do about it."""

    variable: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.problem}. {self.remedy}."


def unfit(settings: Settings) -> list[Finding]:
    """What this environment may not run on."""
    found = [*_half_given(settings), *_keys_missing(settings)]
    if settings.rehearsal and settings.provider == "real":
        remedy = "Set DULY_PROVIDER=sandbox, or take DULY_REHEARSAL away"
        found.append(Finding("DULY_REHEARSAL", "a rehearsal sends nothing", remedy))
    if settings.environment == "development":
        return found
    where = f"in {settings.environment}"
    if settings.secret_key.get_secret_value() == DEVELOPMENT_SECRET:
        remedy = "Set your own (`openssl rand -base64 48`), or DULY_SECRET_KEY_FILE"
        found.append(Finding("DULY_SECRET_KEY", f"the default is no secret {where}", remedy))
    if settings.environment != "production":
        return found
    if not settings.base_url.startswith("https://"):
        remedy = "Give the https:// address that customers reach"
        found.append(Finding("DULY_BASE_URL", f"it is not encrypted {where}", remedy))
    if settings.console_url and not settings.console_url.startswith("https://"):
        remedy = "Give the https:// address that the team reaches"
        found.append(Finding("DULY_CONSOLE_URL", f"it is not encrypted {where}", remedy))
    if settings.provider == "sandbox" and not settings.rehearsal:
        remedy = "Set it to real, or set DULY_REHEARSAL=true to rehearse"
        found.append(Finding("DULY_PROVIDER", f"the sandbox sends nothing {where}", remedy))
    if not settings.rehearsal:
        found += _play_money(settings, where)
    if settings.gateway_secret.get_secret_value() == DEVELOPMENT_GATEWAY_SECRET:
        remedy = "Set your own, or DULY_GATEWAY_SECRET_FILE"
        found.append(Finding("DULY_GATEWAY_SECRET", f"the default is no secret {where}", remedy))
    return found


def _half_given(settings: Settings) -> list[Finding]:
    """Providers of which some is known and some is missing."""
    found = []
    token = settings.twilio_token.get_secret_value()
    if settings.twilio_account and not token:
        remedy = "Copy it from Twilio's console, or set DULY_TWILIO_TOKEN_FILE"
        found.append(Finding("DULY_TWILIO_TOKEN", "the account has no token", remedy))
    if token and not settings.twilio_account:
        remedy = "Copy the account SID (AC and 32 digits) from Twilio's console"
        found.append(Finding("DULY_TWILIO_ACCOUNT", "the token has no account", remedy))
    if settings.number_lookup == "twilio" and not settings.twilio_account:
        remedy = "Give DULY_TWILIO_ACCOUNT, or set it to off"
        found.append(Finding("DULY_NUMBER_LOOKUP", "there is no account to ask", remedy))
    return found + [Finding(*gap) for gap in mail_gaps(settings)]


_GATEWAY_SECRETS = ("stripe_key", "stripe_webhook_secret", "external_secret")


def _keys_missing(settings: Settings) -> list[Finding]:
    """What a chosen gateway lacks, and a live key where nobody may be charged in earnest."""
    given = {name: bool(getattr(settings, name).get_secret_value()) for name in _GATEWAY_SECRETS}
    is_stripe = settings.gateway == "stripe" or given["stripe_key"]
    wanted = ["stripe_key", "stripe_webhook_secret"] if is_stripe else []
    wanted += ["external_secret"] if settings.gateway == "external" else []
    found = [
        Finding(PREFIX + name.upper(), "the gateway cannot work without it", "See docs/payments.md")
        for name in wanted
        if not given[name]
    ]
    if settings.environment != "production" and settings.takes_real_money("stripe"):
        remedy = "Take the key of Stripe's test mode, or DULY_ENVIRONMENT=production"
        problem = f"a live key moves real money in {settings.environment}"
        found.append(Finding("DULY_STRIPE_KEY", problem, remedy))
    return found


def _play_money(settings: Settings, where: str) -> list[Finding]:
    if settings.gateway == "sandbox":
        remedy = "Choose a gateway, or set DULY_REHEARSAL=true to rehearse"
        return [Finding("DULY_GATEWAY", f"the sandbox takes no money {where}", remedy)]
    if not settings.takes_real_money(settings.gateway):
        remedy = "Take the live key, or set DULY_REHEARSAL=true to rehearse"
        return [Finding("DULY_STRIPE_KEY", f"test mode takes no real money {where}", remedy)]
    return []
