"""Facts, proposals and packs for the tests of policy: plain functions, sane defaults."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.facts import ChannelFact, ConsentState, Facts, InvoiceFact, PastContact
from campaigns.money import Money
from campaigns.packs import read_pack
from campaigns.proposal import Permit, Proposal, Refusal, Verdict
from campaigns.rules import Pack
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, Medium

FOLDER = Path(__file__).parent.parent.parent / "campaigns" / "jurisdictions"
SHIPPED = {
    path.stem: read_pack(path.read_text("utf-8"), path.name)
    for path in sorted(FOLDER.glob("*.yaml"))
}


OF_CHANNEL = {
    "consent", "consent_at", "consent_written", "place", "provider", "suppressed", "zones",
}  # fmt: skip


def ruleset(*names: str, extra: tuple[Pack, ...] = ()) -> RuleSet:
    """The named packs, or all that ship, and others."""
    packs = [SHIPPED[name] for name in names] if names else list(SHIPPED.values())
    return RuleSet((*packs, *extra))


def pack_of(*rules: str, level: str = "creditor", name: str = "own", countries: str = "") -> Pack:
    """A pack of rules in flow style, such as `{id: A, kind: gap, least: 30h}`."""
    return read_pack(pack_text(*rules, level=level, name=name, countries=countries), f"{name}.yaml")


def pack_text(*rules: str, level: str = "creditor", name: str = "own", countries: str = "") -> str:
    """The file of such a pack."""
    lines = [f"schema: duly-rules/1\npack: {name}\ntitle: Own\nlevel: {level}"]
    if countries:
        lines.append(f"countries: [{countries}]")
    known = ", source: test, status: P, checked: 2026-11-22}"
    lines += ["rules:", *(f"  - {rule.removesuffix('}')}{known}" for rule in rules)]
    if level == "creditor":
        lines.append("creditor: own")
    return "\n".join(lines)


def invoice(number: int = 1, *, disputed: bool = False, **more: Any) -> InvoiceFact:
    due_on = more.pop("due_on", date(2026, 5, 1))
    return InvoiceFact(
        number, f"INV-{number}", Money(10_000, "EUR"), due_on, disputed=disputed, **more
    )


def facts(country: str | None = "LT", *zones: str, **more: Any) -> Facts:
    """A consumer, with one open invoice."""
    return Facts(
        creditor_id=1,
        customer_id=1,
        person_id=1,
        locale="en",
        country=country,
        region=more.pop("region", None),
        zones=zones or ("Europe/Vilnius",),
        **{"invoices": (invoice(),), **more},
    )


def channel(medium: Medium = Medium.SMS, **more: Any) -> ChannelFact:
    return ChannelFact(1, 1, medium, 1, **{"consent": ConsentState.UNKNOWN, **more})


def proposal(
    medium: Medium = Medium.SMS, *, category: Category = Category.REMINDER, **more: Any
) -> Proposal:
    on = {key: more.pop(key) for key in OF_CHANNEL & more.keys()}
    return Proposal(channel(medium, **on), category, **{"slot": "case:step", **more})


def contact(at: datetime, **more: Any) -> PastContact:
    defaults = {
        "medium": Medium.SMS,
        "category": Category.REMINDER,
        "creditor_id": 1,
        "slot": f"other:{at}",
    }
    return PastContact(at, **{**defaults, **more})


def local(text: str, zone: str = "Europe/Vilnius") -> datetime:
    """The instant of a wall time such as `2026-06-01 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def refused(verdict: Verdict | None) -> Refusal:
    assert isinstance(verdict, Refusal), verdict
    return verdict


def permitted(verdict: Verdict) -> Permit:
    assert isinstance(verdict, Permit), verdict
    return verdict


MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
