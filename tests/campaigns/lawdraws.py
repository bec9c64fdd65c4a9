"""Random customers, histories, messages and creditors for the tests of policy.

Instants crowd where clocks change, where days begin and where windows open and close.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from campaigns.facts import ConsentState, Facts, InvoiceFact, PastContact
from campaigns.money import Money
from campaigns.proposal import Proposal
from campaigns.vocabulary import (
    Category,
    ContactPlace,
    CustomerKind,
    DebtClass,
    Medium,
    SenderRole,
)
from tests.campaigns.policyfacts import DAY, HOUR, MINUTE, channel
from tests.campaigns.slowlaw import Corrections

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 2 * 365
HALF_A_DAY = 12 * HOUR
COUNTRIES = {
    "Asia/Jerusalem": "IL", "Asia/Riyadh": "SA", "Asia/Dubai": "AE", "Europe/Vilnius": "LT",
    "Europe/Rome": "IT", "Europe/Berlin": "DE", "Europe/London": "GB", "Europe/Paris": "FR",
    "America/New_York": "US", "America/Chicago": "US", "America/Denver": "US",
    "America/Phoenix": "US", "America/Los_Angeles": "US", "America/Anchorage": "US",
    "Pacific/Honolulu": "US", "America/Toronto": "CA", "Australia/Lord_Howe": "AU",
    "Asia/Kathmandu": "NP", "Pacific/Apia": "WS", "America/Santiago": "CL",
    "Africa/Casablanca": "MA", "Pacific/Kiritimati": "KI", "Africa/Cairo": "EG",
}  # fmt: skip
REGIONS = {
    "US": ("NY", "MA", "DC", "FL", "WA", "CA", "TX", "NV", "CT", "KY", "AL", "US-NJ", "CO"),
    "GB": ("ENG", "SCT", "WLS", "NIR"),
}
CITIES = {"US": ("Brooklyn", "New  York", "Albany", "queens, NY")}
SECTORS = (None, "bank", "finance", "utilities")
PROVIDERS = ("sandbox", "twilio", "sendgrid")


@cache
def changes_of_clocks() -> tuple[datetime, ...]:
    """For each change of a clock of `COUNTRIES` in two years, an instant in the half day of it."""
    found = set()
    for name in COUNTRIES:
        zone, at = ZoneInfo(name), START
        for _ in range(DAYS * 2):
            before, at = at.astimezone(zone).utcoffset(), at + HALF_A_DAY
            if at.astimezone(zone).utcoffset() != before:
                found.add(at)
    return tuple(sorted(found))


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """Any minute of two years; every third lies within a day of a change of clocks."""
    if draw(st.integers(0, 2)) == 0:
        near = draw(st.sampled_from(changes_of_clocks()))
        return near + draw(st.integers(-24 * 60, 24 * 60)) * MINUTE
    return START + draw(st.integers(0, DAYS * 24 * 60)) * MINUTE


@st.composite
def people(draw: st.DrawFn, now: datetime) -> Facts:
    """Somebody in up to three places, who owes up to two invoices and heard from us or others.

    Nobody here has a country and no zone: which zones that comes to is tested with `whereabouts`.
    """
    zones = draw(st.lists(st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=3, unique=True))
    country = draw(st.sampled_from([COUNTRIES[zones[0]], "US", None]))
    return Facts(
        creditor_id=1,
        customer_id=1,
        person_id=1,
        locale="en",
        country=country,
        region=draw(st.sampled_from([None, *REGIONS.get(country or "", ())])),
        city=draw(st.sampled_from([None, *CITIES.get(country or "", ())])),
        zones=tuple(zones) if country else draw(st.sampled_from([tuple(zones)] * 3 + [()])),
        kind=draw(st.sampled_from(CustomerKind)),
        role=draw(st.sampled_from(SenderRole)),
        sector=draw(st.sampled_from(SECTORS)),
        invoices=tuple(_invoice(draw, n, now) for n in range(draw(st.integers(0, 2)))),
        contacts=tuple(draw(st.lists(_past(now), max_size=9))),
    )


def _invoice(draw: st.DrawFn, number: int, now: datetime) -> InvoiceFact:
    return InvoiceFact(
        number,
        f"INV-{number}",
        Money(10_000, "EUR"),
        now.date() - draw(st.integers(-3, 40)) * DAY,
        debt_class=draw(st.sampled_from(DebtClass)),
    )


def _past(now: datetime) -> st.SearchStrategy[PastContact]:
    minutes = st.integers(0, 40 * 24 * 4).map(lambda quarter: quarter * 15)
    return st.builds(
        PastContact,
        at=(minutes | st.integers(0, 3 * 24 * 60)).map(lambda minute: now - minute * MINUTE),
        medium=st.sampled_from(Medium),
        category=st.sampled_from(Category),
        creditor_id=st.sampled_from([1, 1, 2]),
        slot=st.sampled_from(["case:step", "a", "b", "c", "d", "e"]),
        failed=st.booleans(),
        exempt=st.booleans(),
        invoice_ids=st.sampled_from([(), (0,), (1,), (0, 1), (7,)]),
        place=st.sampled_from([None, *ContactPlace]),
    )


@st.composite
def messages(draw: st.DrawFn, now: datetime) -> Proposal:
    """A message that somebody would like to send; most have what consents they may need."""
    on = channel(
        draw(st.sampled_from(Medium)),
        consent=draw(st.sampled_from([ConsentState.GIVEN] * 9 + list(ConsentState))),
        consent_at=draw(st.integers(0, 70 * 24).map(lambda age: now - age * HOUR) | st.none()),
        consent_written=draw(st.sampled_from([True, True, False])),
        suppressed=draw(st.sampled_from([None] * 18 + ["opted_out", "bounced"])),
        provider=draw(st.sampled_from(PROVIDERS)),
        zones=draw(st.lists(st.sampled_from(sorted(COUNTRIES)), max_size=1).map(tuple)),
        place=draw(st.sampled_from([None, *ContactPlace])),
    )
    return Proposal(
        on,
        draw(st.sampled_from(Category)),
        "case:step",
        answers_own_act_at=draw(
            st.none() | st.integers(0, 26 * 60).map(lambda minute: now - minute * MINUTE)
        ),
        template_has_link=draw(st.booleans()),
        at_any_hour=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def corrections(draw: st.DrawFn, now: datetime) -> Corrections:
    """What the creditor says of its own week and of some days near now."""
    days = st.frozensets(st.integers(-2, 9).map(lambda n: now.date() + n * DAY), max_size=3)
    country = st.sampled_from(sorted(set(COUNTRIES.values())))
    return Corrections(
        creditor=draw(st.sampled_from([None, "IL", "LT", "AE"])),
        closed=draw(st.dictionaries(country, days, max_size=2)),
        opened=draw(st.dictionaries(country, days, max_size=2)),
    )


@st.composite
def own_rules(draw: st.DrawFn) -> tuple[str, ...]:
    """Up to three rules of a creditor in flow style, some dated: hours in the night among them,
    where clocks change."""
    hour = draw(st.integers(0, 20))
    minute = draw(st.sampled_from(["00", "30", "59"]))
    days = draw(st.sampled_from(["all", "sun-thu", "business", "sat"]))
    kinds = [
        f'kind: window, hours: {{{days}: "{hour:02}:{minute}-{hour + 4:02}:00"}}',
        'kind: window, hours: {all: "00:30-24:00"}',
        "kind: rest_days, weekdays: [wed]",
        f'kind: rest_days, weekday_from: {{thu-fri: "{hour:02}:{minute}"}}',
        'kind: rest_days, holidays: true, eves_from: "02:30"',
        f"kind: cap, n: {draw(st.integers(1, 3))}, per: {draw(st.integers(1, 14))}d",
        f"kind: cap, n: {draw(st.integers(1, 3))}, per: 24h, scope: debt",
        "kind: cap, n: 2, per: 1d, scope: creditor, exempts: [failed, fallbacks]",
        f"kind: gap, least: {draw(st.integers(1, 90))}h, exempts: [answers]",
        f"kind: consent, max_age: {draw(st.integers(1, 60))}d",
        "kind: channel_list, allowed: [sms, email], why: so",
        "kind: medium_forbidden, why: so, applies: {media: [sms], past_due_from: 7}",
    ]
    chosen = draw(st.lists(st.sampled_from(kinds), max_size=3, unique=True))
    return tuple(f"{{id: OWN-{n}, {kind}{_dated(draw)}}}" for n, kind in enumerate(chosen))


def _dated(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return ""
    starts: date = (START + timedelta(days=draw(st.integers(0, DAYS)))).date()
    return f", effective_from: {starts}, effective_to: {starts + draw(st.integers(0, 60)) * DAY}"
