"""Reads a rule pack: the text of a YAML 1.2 file into typed rows, or all that is wrong with it.

PackError(ValueError)   a text that is no rule pack, with all its findings

Reads text only: the application opens the files. `docs/policy.md` shows the form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import assert_never

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from campaigns.findings import Finding, Place, Report
from campaigns.packtable import Table, minute, week, weekday_minutes, weekdays
from campaigns.rules import (
    Applies,
    Cap,
    ChannelList,
    ConsentNeeded,
    Exempt,
    Freshness,
    Gap,
    Head,
    Level,
    LinkForbidden,
    MediumForbidden,
    Pack,
    Readings,
    RestDays,
    Rule,
    Scope,
    Status,
    Window,
)
from campaigns.vocabulary import Category, DebtClass, Medium, SenderRole

SCHEMA = "duly-rules/1"
LEVELS = {level.name.lower(): level for level in Level}
SCOPES = {str(scope): scope for scope in Scope}
STATUSES = {str(status): status for status in Status}


class Kind(StrEnum):
    """The word for each kind of rule."""

    WINDOW = "window"
    REST_DAYS = "rest_days"
    CAP = "cap"
    GAP = "gap"
    CONSENT = "consent"
    MEDIUM_FORBIDDEN = "medium_forbidden"
    CHANNEL_LIST = "channel_list"
    LINK_FORBIDDEN = "link_forbidden"
    FRESHNESS = "freshness"


KINDS = {str(kind): kind for kind in Kind}
_HEAD = (
    "id",
    "kind",
    "applies",
    "effective_from",
    "effective_to",
    "source",
    "status",
    "checked",
    "note",
    "readings",
)
_OWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.WINDOW: ("hours",),
    Kind.REST_DAYS: ("weekdays", "weekday_from", "holidays", "eves_from"),
    Kind.CAP: ("n", "per", "scope", "exempts"),
    Kind.GAP: ("least", "scope", "exempts"),
    Kind.CONSENT: (),
    Kind.MEDIUM_FORBIDDEN: ("why",),
    Kind.CHANNEL_LIST: ("allowed", "why"),
    Kind.LINK_FORBIDDEN: (),
    Kind.FRESHNESS: ("max_age",),
}


class PackError(ValueError):
    """Everything that keeps a file from being a rule pack."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))


def read_pack(text: str, file: str) -> Pack:
    """The pack that `text` holds. `file` names it in findings.

    Raises `PackError` with every finding at once.
    """
    report = Report(file)
    root = _parsed(text, report)
    if root is None:
        raise PackError(report.findings)
    top = Table(root, Place(1, 1), report)
    pack = _pack(top)
    if pack is None:
        raise PackError(report.findings)
    return pack


def _parsed(text: str, report: Report) -> CommentedMap | None:
    try:
        root = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        report.add(place, "this is not YAML", "Mend the line.", cause=str(error.problem))
        return None
    except (YAMLError, ValueError) as error:
        report.add(Place(1, 1), "this is not YAML", "Mend the file.", cause=str(error))
        return None
    if isinstance(root, CommentedMap):
        return root
    report.add(Place(1, 1), "a rule pack is a table", f"Begin with `schema: {SCHEMA}`.")
    return None


def _pack(top: Table) -> Pack | None:
    top.only(("schema", "pack", "title", "level", "countries", "regions", "rules"))
    top.choice("schema", {SCHEMA: SCHEMA})
    name, title = top.text("pack"), top.text("title")
    level = top.choice("level", LEVELS)
    countries, regions = top.words("countries"), top.words("regions")
    if level is Level.LAW and not countries:
        top.fault("countries", "a pack of law names no country", "Give `countries: [XX]`.")
    if regions and len(countries) != 1:
        top.fault("regions", "regions without their country", "Give exactly one country.")
    rules: list[Rule] = []
    for table in top.tables("rules"):
        rule = _rule(table, name, level or Level.HOUSE)
        if any(rule.id == other.id for other in rules):
            table.fault("id", f"`{rule.id}` is there twice", "Give each rule an id of its own.")
        rules.append(rule)
    if level is None or top.report.findings:
        return None
    return Pack(name, title, level, countries, regions, tuple(rules), _hash(top))


def _hash(top: Table) -> str:
    canonical = json.dumps(top.content, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(canonical.encode()).hexdigest()


def _rule(table: Table, pack: str, level: Level) -> Rule:
    kind = table.choice("kind", KINDS) or Kind.CONSENT
    table.only((*_HEAD, *_OWN[kind]))
    return _of_kind(kind, table, _head(table, pack, level))


def _head(table: Table, pack: str, level: Level) -> Head:
    starts, ends = table.day("effective_from"), table.day("effective_to")
    if starts and ends and ends < starts:
        table.fault("effective_to", "it ends before it starts", "Swap the two dates.")
    return Head(
        id=table.text("id"),
        pack=pack,
        level=level,
        source=table.text("source"),
        status=table.choice("status", STATUSES) or Status.GENERAL,
        checked=table.day("checked", needed=True) or date.min,
        applies=_applies(table),
        effective_from=starts,
        effective_to=ends,
        note=table.text("note", needed=False),
        readings=_readings(table),
    )


def _applies(table: Table) -> Applies:
    inner = table.inner("applies")
    if inner is None:
        return Applies()
    inner.only(
        ("roles", "debt_classes", "sectors", "media", "categories", "providers", "countries")
    )
    return Applies(
        roles=inner.set_of("roles", SenderRole),
        debt_classes=inner.set_of("debt_classes", DebtClass),
        sectors=inner.words("sectors"),
        media=inner.set_of("media", Medium),
        categories=inner.set_of("categories", Category),
        providers=inner.words("providers"),
        countries=inner.words("countries"),
    )


def _readings(table: Table) -> Readings | None:
    inner = table.inner("readings")
    if inner is None:
        return None
    inner.only(("taken", "other"))
    return Readings(taken=inner.text("taken"), other=inner.text("other"))


def _of_kind(kind: Kind, table: Table, head: Head) -> Rule:
    match kind:
        case Kind.WINDOW:
            return Window(head, *week(table, "hours"))
        case Kind.REST_DAYS:
            return _rest_days(table, head)
        case Kind.CAP:
            return Cap(
                head, table.count("n"), table.duration("per").days, _scope(table), _exempts(table)
            )
        case Kind.GAP:
            return Gap(head, table.duration("least"), _scope(table), _exempts(table))
        case Kind.CONSENT:
            return ConsentNeeded(head)
        case Kind.MEDIUM_FORBIDDEN:
            return MediumForbidden(head, table.text("why"))
        case Kind.CHANNEL_LIST:
            return ChannelList(head, table.set_of("allowed", Medium), table.text("why"))
        case Kind.LINK_FORBIDDEN:
            return LinkForbidden(head)
        case Kind.FRESHNESS:
            return Freshness(head, table.duration("max_age", needed=False) or None)
        case _:
            assert_never(kind)


def _rest_days(table: Table, head: Head) -> RestDays:
    rest = RestDays(
        head,
        weekdays=weekdays(table, "weekdays"),
        holidays=table.flag("holidays"),
        eves_from=minute(table, "eves_from"),
        weekday_from=weekday_minutes(table, "weekday_from"),
    )
    if not (rest.weekdays or rest.holidays or rest.weekday_from):
        table.fault("id", "no day rests", "Give `weekdays`, `weekday_from` or `holidays: true`.")
    return rest


def _scope(table: Table) -> Scope:
    return table.choice("scope", SCOPES, needed=False) or Scope.PERSON


def _exempts(table: Table) -> frozenset[Exempt]:
    return table.set_of("exempts", Exempt)
