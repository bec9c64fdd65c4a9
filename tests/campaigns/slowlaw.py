"""The packs read a second time: a checker that is slow and plain, and shares no rule of ours.

It takes the same facts and proposal, reads the packs' YAML as it stands, and answers for one minute
at a time whether anything forbids the message. It knows nothing of windows worked out for a day,
of timelines, of first instants: `campaigns` must come to the same answers with all of those.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from campaigns.facts import ConsentState, Facts, PastContact
from campaigns.proposal import Proposal
from campaigns.vocabulary import Category, CustomerKind
from tests.campaigns.slowdays import (
    DAY,
    HOUR,
    MINUTE,
    feast_name,
    minutes,
    moment,
    weekdays,
    weekend,
)

Table = Mapping[str, Any]
Place = tuple[str, str | None]
Span = tuple[datetime, datetime]

ALWAYS: Span = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

PERMITTING = frozenset(
    "window rest_days cap gap consent medium_forbidden channel_list link_forbidden".split()
)
APPLIES = frozenset(
    "roles debt_classes sectors media categories providers countries regions places"
    " past_due_from".split()
)


@cache
def packs_in(folder: Path) -> tuple[Table, ...]:
    """Every pack of a folder, as plain tables."""
    return tuple(table_of(path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml")))


def table_of(text: str) -> Table:
    """One pack, as a plain table."""
    loaded: Table = YAML(typ="safe").load(text)
    return loaded


@dataclass(frozen=True)
class Corrections:
    """The creditor's own week, and dates that it closed or opened, by country."""

    creditor: str | None = None
    closed: Mapping[str, frozenset[date]] = field(default_factory=dict)
    opened: Mapping[str, frozenset[date]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Bound:
    """A row that may bind, where, and whether it binds for what is known of the place."""

    row: Table
    level: str
    where: tuple[Place, ...]
    certain: bool

    @property
    def kind(self) -> str:
        return str(self.row["kind"])


class SlowLaw:
    """One question under some packs. `countries` tells in which country a zone lies.

    What a day says is read once and kept for its other minutes: nothing else of it is.
    """

    def __init__(
        self,
        packs: Iterable[Table],
        facts: Facts,
        proposal: Proposal,
        countries: Mapping[str, str],
        corrections: Corrections,
    ) -> None:
        self.facts, self.proposal, self.corrections = facts, proposal, corrections
        self.names = list(dict.fromkeys((*facts.zones, *proposal.channel.zones)))
        self.zones = [ZoneInfo(name) for name in self.names]
        self.places = self._places(countries)
        self.bound = [bound for pack in packs for bound in self._bound(pack)]
        self._rows: dict[tuple[date, ...], list[Bound]] = {}
        self._spans: dict[tuple[Bound, ZoneInfo, date], Span | None] = {}

    def forbids(self, at: datetime) -> str | None:
        """What forbids the message at `at`, in a word or by a rule's id; None when nothing does."""
        channel = self.proposal.channel
        days = tuple(at.astimezone(zone).date() for zone in self.zones or [ZoneInfo("UTC")])
        if days not in self._rows:
            self._rows[days] = self._binding(days)
        confirms = self._confirms(at)
        stopped = channel.suppressed or channel.consent is ConsentState.WITHDRAWN
        if stopped and not confirms:
            return "opt-out"
        if not self.proposal.at_any_hour and not self.zones:
            return "no zone"
        for bound in self._rows[days]:
            if self._refuses(bound, at, confirms=confirms):
                return str(bound.row["id"])
        return None

    def _refuses(self, bound: Bound, at: datetime, *, confirms: bool) -> bool:
        match bound.kind:
            case "consent":
                return not confirms and self._lacks_consent(bound.row, at)
            case "window" | "rest_days":
                shut = any(self._is_shut(bound, zone, at) for zone in self.zones)
                return shut and not self.proposal.at_any_hour
            case "cap" | "gap":
                return not confirms and self._is_full(bound.row, at)
            case _:
                return self._bars(bound.row)

    # Which rows bind

    def _places(self, countries: Mapping[str, str]) -> list[Place]:
        found: list[Place] = []
        if self.facts.country:
            region = self.facts.region
            found.append((self.facts.country, region.split("-")[-1] if region else None))
        for name in self.names:
            country = countries.get(name)
            if country and country not in [known for known, _ in found]:
                found.append((country, None))
        return found

    def _bound(self, pack: Table) -> Iterator[Bound]:
        where = []
        for country, region in self.places:
            if pack.get("countries") and country not in pack["countries"]:
                continue
            if pack.get("regions") and region is not None and region not in pack["regions"]:
                continue
            city = (self.facts.city or "").split(",")[0].strip().lower()
            is_here = country == self.facts.country and bool(city)
            if pack.get("cities") and is_here and " ".join(city.split()) not in pack["cities"]:
                continue
            where.append((country, region))
        if pack.get("countries") and not where:
            return
        for row in pack["rules"]:
            if row["kind"] not in PERMITTING:
                continue
            regions = row.get("applies", {}).get("regions", [])
            here = tuple(p for p in where if not regions or p[1] is None or p[1] in regions)
            if (regions and not here) or row.get("disabled") or not self._applies(row, here):
                continue
            narrow = bool(pack.get("regions") or regions)
            vague = narrow and all(region is None for _, region in here)
            vague = vague or bool(pack.get("cities") and not self.facts.city)
            yield Bound(row, pack["level"], here, not vague)

    def _applies(self, row: Table, here: tuple[Place, ...]) -> bool:
        applies = row.get("applies", {})
        assert set(applies) <= APPLIES, f"{row['id']}: teach this checker {set(applies) - APPLIES}"
        channel = self.proposal.channel
        own = "consumer" if self.facts.kind is CustomerKind.CONSUMER else "commercial"
        classes = {str(invoice.debt_class) for invoice in self.facts.invoices} or {own}
        wanted: list[tuple[str, set[Any]]] = [
            ("roles", {str(self.facts.role)}),
            ("debt_classes", classes),
            ("sectors", {self.facts.sector}),
            ("media", {str(channel.medium)}),
            ("categories", {str(self.proposal.category)}),
            ("providers", {channel.provider}),
            ("places", {None if channel.place is None else str(channel.place)}),
            ("countries", {country for country, _ in here}),
        ]
        return all(not applies.get(key) or have & set(applies[key]) for key, have in wanted)

    def _binding(self, days: tuple[date, ...]) -> list[Bound]:
        live = [bound for bound in self.bound if self._in_force(bound.row, days)]
        return [bound for bound in live if not self._stands_back(bound, live)]

    def _in_force(self, row: Table, days: tuple[date, ...]) -> bool:
        starts, ends = row.get("effective_from", date.min), row.get("effective_to", date.max)
        if not any(starts <= day <= ends for day in days):
            return False
        least = row.get("applies", {}).get("past_due_from", 0)
        due = [invoice.due_on for invoice in self.facts.invoices]
        return not least or (bool(due) and (max(days) - min(due)).days >= least)

    def _stands_back(self, bound: Bound, live: list[Bound]) -> bool:
        """A default of the house, for a read row of law of the same kind that is sure to bind."""
        if bound.level != "house" or bound.kind not in ("window", "rest_days", "cap"):
            return False
        for other in live:
            if other.level != "law" or not other.certain or other.row["status"] in ("S", "G"):
                continue
            if other.row.get("applies", {}).get("categories") == ["offer"]:
                continue
            if other.kind != bound.kind:
                continue
            if bound.kind != "cap" or _days(bound.row["per"]) == _days(other.row["per"]):
                return True
        return False

    # Consents and bars

    def _confirms(self, at: datetime) -> bool:
        acted_at = self.proposal.answers_own_act_at
        return (
            self.proposal.at_any_hour
            and self.proposal.category is Category.RECEIPT
            and acted_at is not None
            and at < acted_at + 5 * MINUTE
            and self.proposal.channel.suppressed in (None, "opted_out")
        )

    def _lacks_consent(self, row: Table, at: datetime) -> bool:
        channel = self.proposal.channel
        if channel.consent is not ConsentState.GIVEN:
            return True
        if row.get("written") and not channel.consent_written:
            return True
        if "max_age" not in row:
            return False
        return channel.consent_at is None or channel.consent_at + _time(row["max_age"]) <= at

    def _bars(self, row: Table) -> bool:
        if row["kind"] == "channel_list":
            return str(self.proposal.channel.medium) not in row["allowed"]
        if row["kind"] == "link_forbidden":
            return self.proposal.template_has_link
        return bool(row["kind"] == "medium_forbidden")

    # Hours and rest days

    def _is_shut(self, bound: Bound, zone: ZoneInfo, at: datetime) -> bool:
        asked = (bound, zone, at.astimezone(zone).date())
        if asked not in self._spans:
            self._spans[asked] = self._span(*asked)
        span = self._spans[asked]
        return span is None or not span[0] <= at < span[1]

    def _span(self, bound: Bound, zone: ZoneInfo, day: date) -> Span | None:
        """From when on that day, and until when, the row allows; None for no time of it."""
        if bound.kind == "window":
            hours = self._hours(bound, day)
            if hours is None:
                return None
            opens, closes = (moment(day, minute, zone) for minute in hours)
            return opens, closes - MINUTE
        if self._rests(bound, day):
            return None
        evening = self._evening(bound, day)
        return ALWAYS[0], ALWAYS[1] if evening is None else moment(day, evening, zone) - MINUTE

    def _hours(self, bound: Bound, day: date) -> tuple[int, int] | None:
        for names, span in bound.row["hours"].items():
            if names == "business":
                weeks = [weekend(country) for country, _ in bound.where or [("", None)]]
                if self.corrections.creditor:
                    weeks.append(weekend(self.corrections.creditor))
                if any(day.weekday() in week for week in weeks):
                    continue
            elif day.weekday() not in weekdays(names):
                continue
            starts, ends = span.split("-")
            return minutes(starts), minutes(ends)
        return None

    def _rests(self, bound: Bound, day: date) -> bool:
        for names in bound.row.get("weekdays", []):
            if day.weekday() in weekdays(names):
                return True
        return bool(bound.row.get("holidays")) and self._feast(bound, day)

    def _evening(self, bound: Bound, day: date) -> int | None:
        found = []
        for names, clock in bound.row.get("weekday_from", {}).items():
            if day.weekday() in weekdays(names):
                found.append(minutes(clock))
        if "eves_from" in bound.row and self._feast(bound, day + DAY):
            found.append(minutes(bound.row["eves_from"]))
        return min(found) if found else None

    def _feast(self, bound: Bound, day: date) -> bool:
        """Whether it is a holiday somewhere, or may be: what the moon decides moves by a day."""
        for country, region in bound.where or [("", None)]:
            closed = self.corrections.closed.get(country, frozenset())
            opened = self.corrections.opened.get(country, frozenset())
            if day in closed:
                return True
            if day in opened:
                continue
            if feast_name(country, region, day):
                return True
            for near in (day - DAY, day + DAY):
                name = feast_name(country, region, near)
                if "estimated" in name and near not in opened and near not in closed:
                    return True
        return False

    # Caps and gaps

    def _is_full(self, row: Table, at: datetime) -> bool:
        exempts = row.get("exempts", [])
        acted_at = self.proposal.answers_own_act_at
        if "receipts" in exempts and self.proposal.category is Category.RECEIPT:
            return False
        if "answers" in exempts and acted_at is not None and at < acted_at + DAY:
            return False
        if not self.facts.contacts:
            return False  # every cap lets something through
        counted = [said for said in self.facts.contacts if self._counts(row, said)]
        if row.get("scope") != "debt" or not self.facts.invoices:
            return self._exceeds(row, counted, at)
        for invoice in self.facts.invoices:
            about = [s for s in counted if not s.invoice_ids or invoice.id in s.invoice_ids]
            if self._exceeds(row, about, at):
                return True
        return False

    def _counts(self, row: Table, said: PastContact) -> bool:
        exempts, applies = row.get("exempts", []), row.get("applies", {})
        if "failed" in exempts and said.failed:
            return False
        if "answers" in exempts and said.exempt:
            return False
        if "receipts" in exempts and said.category is Category.RECEIPT:
            return False
        if "fallbacks" in exempts and said.slot == self.proposal.slot:
            return False
        if row.get("other_medium") and said.medium is self.proposal.channel.medium:
            return False
        if applies.get("media") and str(said.medium) not in applies["media"]:
            return False
        if applies.get("categories") and str(said.category) not in applies["categories"]:
            return False
        if applies.get("places") and str(said.place) not in applies["places"]:
            return False
        return row.get("scope") != "creditor" or said.creditor_id == self.facts.creditor_id

    def _exceeds(self, row: Table, said: list[PastContact], at: datetime) -> bool:
        if row["kind"] == "gap":
            return any(at < one.at + _time(row["least"]) for one in said)
        if row["per"] == "1d" and self.zones:
            for zone in self.zones:
                today = at.astimezone(zone).date()
                if _taken(row, [s for s in said if s.at.astimezone(zone).date() == today]):
                    return True
            return False
        return _taken(row, [one for one in said if at < one.at + _time(row["per"])])


def _taken(row: Table, said: list[PastContact]) -> bool:
    if "fallbacks" in row.get("exempts", []):
        return len({one.slot for one in said}) >= int(row["n"])
    return len(said) >= int(row["n"])


def _time(word: str) -> timedelta:
    unit = {"d": DAY, "h": HOUR, "s": timedelta(seconds=1)}[word[-1]]
    return int(word[:-1]) * unit


def _days(word: str) -> int:
    return _time(word) // DAY
