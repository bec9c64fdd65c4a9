"""Reads a rule pack: the text of a YAML 1.2 file into typed rows, or all that is wrong with it.

PackError(ValueError)   a text that is no rule pack, with all its findings

Reads text only: the application opens the files. `docs/policy.md` shows the form.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from hashlib import sha256

from campaigns.findings import Finding, Report
from campaigns.guards import guards_of, loosened, weakened
from campaigns.packkinds import KINDS, keys_of, of_kind
from campaigns.packtable import Table, table_in
from campaigns.rulehead import MEANS, Applies, Head, Level, Readings, Status
from campaigns.rules import ConsentNeeded, Pack, Rule
from campaigns.vocabulary import Category, ContactPlace, DebtClass, SenderRole

SCHEMA = "duly-rules/1"
LEVELS = {level.name.lower(): level for level in Level}
STATUSES = {str(status): status for status in Status}


_TOP = (
    "schema", "pack", "title", "level", "countries", "regions", "cities", "postcodes", "area_codes",
    "creditor", "rules",
)  # fmt: skip
_APPLIES = tuple(field.name for field in fields(Applies))
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
    "disabled",
    "unkept",
)


class PackError(ValueError):
    """Everything that keeps a file from being a rule pack."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))


def read_pack(text: str, file: str, *, house: Pack | None = None) -> Pack:
    """The pack that `text` holds. `file` names it in findings; a creditor's own pack may not loosen
    what `house` says.

    Raises `PackError` with every finding at once.
    """
    report = Report(file)
    top = table_in(text, report, what="a rule pack", schema=SCHEMA)
    pack = _pack(top, house.rules if house else ()) if top is not None else None
    if pack is None:
        raise PackError(report.findings)
    return pack


def _pack(top: Table, house: tuple[Rule, ...]) -> Pack | None:
    top.only(_TOP)
    top.choice("schema", {SCHEMA: SCHEMA})
    name, title = top.text("pack"), top.text("title")
    level = top.choice("level", LEVELS)
    countries, regions, cities = (top.words(key) for key in ("countries", "regions", "cities"))
    if level is Level.LAW and not countries:
        top.fault("countries", "a pack of law names no country", "Give `countries: [XX]`.")
    if regions and len(countries) != 1:
        top.fault("regions", "regions without their country", "Give exactly one country.")
    if cities and not regions:
        top.fault("cities", "cities without their region", "Give `regions: [XX]` as well.")
    creditor = top.text("creditor", needed=level is Level.CREDITOR)
    if creditor and level is not Level.CREDITOR:
        top.fault("creditor", "only a creditor's own pack names one", "Use `level: creditor`.")
    postcodes, area_codes = top.words("postcodes"), top.words("area_codes")
    if (postcodes or area_codes) and not cities:
        problem = "postcodes or area codes without their cities"
        top.fault("postcodes", problem, "Give `cities: [a town]` as well.")
    rules: list[Rule] = []
    for table in top.tables("rules"):
        rule = _rule(table, name, level or Level.HOUSE)
        if any(rule.id == other.id and rule.meets(other) for other in rules):
            problem = f"`{rule.id}` is there twice, with dates that overlap"
            table.fault("id", problem, "Give each rule an id of its own, or mend the dates.")
        if level is Level.CREDITOR and (strict := loosened(rule, house)):
            problem = f"`{rule.id}` is looser than `{strict.id}` of the house"
            table.fault("id", problem, "A creditor's own rule can only be stricter.")
        rules.append(rule)
        _guard(table, rule, name)
    for missing in guards_of(name).keys() - {rule.id for rule in rules}:
        problem = f"`{missing}` is missing, which the provider forbids to leave out"
        top.fault("rules", problem, "Put the row back as it shipped.")
    if level is None or top.report.findings:
        return None
    return Pack(
        name, title, level, countries, regions, cities, tuple(rules), _hash(top),
        postcodes, area_codes, creditor=creditor,
    )  # fmt: skip


def _guard(table: Table, rule: Rule, pack: str) -> None:
    """What a provider forbids is not edited away."""
    guard = guards_of(pack).get(rule.id)
    why = weakened(rule, guard) if guard else None
    if why:
        table.fault("id", f"`{rule.id}` is weaker: {why}", "Put the row back as it shipped.")


def _hash(top: Table) -> str:
    canonical = json.dumps(top.content, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(canonical.encode()).hexdigest()


def _rule(table: Table, pack: str, level: Level) -> Rule:
    kind = table.choice("kind", KINDS)
    head = _head(table, pack, level)
    if kind is None:
        return ConsentNeeded(head)  # its keys cannot be judged; the pack is refused
    table.only((*_HEAD, *keys_of(kind)))
    return of_kind(kind, table, head)


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
        disabled=table.text("disabled", needed=False),
        unkept=table.text("unkept", needed=False),
    )


def _applies(table: Table) -> Applies:
    inner = table.inner("applies")
    if inner is None:
        return Applies()
    inner.only(_APPLIES)
    return Applies(
        roles=inner.set_of("roles", SenderRole),
        debt_classes=inner.set_of("debt_classes", DebtClass),
        sectors=inner.words("sectors"),
        media=inner.among("media", {name: name for name in sorted(MEANS)}),
        categories=inner.set_of("categories", Category),
        providers=inner.words("providers"),
        countries=inner.words("countries"),
        regions=inner.words("regions"),
        places=inner.set_of("places", ContactPlace),
        past_due_from=inner.count("past_due_from") if "past_due_from" in inner.content else None,
    )


def _readings(table: Table) -> Readings | None:
    inner = table.inner("readings")
    if inner is None:
        return None
    inner.only(("taken", "other"))
    return Readings(taken=inner.text("taken"), other=inner.text("other"))
