"""A rule pack is read whole or refused with all that is wrong with it."""

import re
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from campaigns.asking import asks
from campaigns.duties import (
    Act,
    Band,
    Deadline,
    Fee,
    Frozen,
    Hold,
    Interest,
    OptOut,
    RateOf,
    Term,
    Unit,
)
from campaigns.money import Money
from campaigns.packkinds import KINDS, keys_of
from campaigns.packs import PackError, read_pack
from campaigns.rulehead import Applies, Level, Status
from campaigns.rules import Cap, Exempt, Freshness, Gap, RestDays, Scope, Window
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, Medium, SenderRole
from tests.campaigns.policyfacts import FOLDER, SHIPPED, pack_of, ruleset

DOCS = Path(__file__).parent.parent.parent / "docs" / "policy.md"

GOOD = """\
schema: duly-rules/1
pack: xx
title: Somewhere
level: law
countries: [XX]
rules:
  - id: XX-HOURS
    kind: window
    hours: {sun-thu: "08:00-20:00", fri: "08:00-13:00"}
    effective_from: 2026-09-01
    effective_to: 2027-08-31
    source: A law
    status: S
    checked: 2026-11-22
    readings: {taken: the one, other: the other}
"""


def test_a_row_says_who_gives_it_since_when_and_how_well_it_is_known() -> None:
    (row,) = read_pack(GOOD, "xx.yaml").rules

    assert isinstance(row, Window)
    assert row.week == (*[(480, 1200)] * 4, (480, 780), None, (480, 1200))
    head = row.head
    assert (head.level, head.status, head.source) == (Level.LAW, Status.SECONDARY, "A law")
    assert (head.effective_from, head.effective_to) == (date(2026, 9, 1), date(2027, 8, 31))
    assert head.readings is not None
    assert head.readings.other == "the other"


def test_each_kind_becomes_its_own_row() -> None:
    pack = pack_of(
        "{id: A, kind: cap, n: 3, per: 7d, scope: debt, exempts: [failed, answers]}",
        "{id: B, kind: gap, least: 20h, applies: {media: [sms], roles: [debt_buyer]}}",
        '{id: C, kind: rest_days, weekdays: [fri-sat], weekday_from: {thu: "14:00"}}',
        "{id: D, kind: freshness, max_age: 12h, applies: {categories: [offer]}}",
    )
    cap, gap, rest, fresh = pack.rules

    assert isinstance(cap, Cap)
    assert (cap.n, cap.days, cap.scope) == (3, 7, Scope.DEBT)
    assert cap.exempts == {Exempt.FAILED, Exempt.ANSWERS}
    assert isinstance(gap, Gap)
    assert gap.least == timedelta(hours=20)
    assert gap.head.applies.media == {Medium.SMS}
    assert gap.head.applies.roles == {SenderRole.DEBT_BUYER}
    assert isinstance(rest, RestDays)
    assert rest.weekdays == {4, 5}
    assert rest.weekday_from == ((3, 840),)
    assert isinstance(fresh, Freshness)
    assert fresh.max_age == timedelta(hours=12)
    assert fresh.head.applies.categories == {Category.OFFER}


def test_every_mistake_is_reported_at_once_with_its_line_and_a_remedy() -> None:
    text = """\
schema: duly-rules/2
pack: xx
titel: Somewhere
level: law
rules:
  - id: A
    kind: windw
    source: x
    status: Q
    checked: yesterday
  - id: B
    kind: window
    hours: {sum: "08:00-20:00", mon: "20:00-08:00", mon-wed: "09:00-10:00", tue: 9}
    effective_from: 2026-02-01
    effective_to: 2026-01-01
    source: x
    status: V
  - id: B
    kind: cap
    n: 0
    per: week
    exempts: [failures]
    source: ""
    status: V
    checked: 2026-11-22
  - just words
"""

    with pytest.raises(PackError) as caught:
        read_pack(text, "xx.yaml")

    said = [str(finding) for finding in caught.value.findings]
    assert [line for line in said if not line.startswith("xx.yaml:")] == []
    lines = {int(line.split(":")[1]) for line in said}
    assert {1, 3, 7, 9, 10, 11, 13, 15, 18, 20, 21, 22, 23, 26} <= lines
    everything = "\n".join(said)
    for words in (
        "Did you mean `duly-rules/1`?",
        "Did you mean `title`?",
        "Did you mean `window`?",
        "Give `countries: [XX]`.",
        "unknown weekday `sum`",
        "`20:00-08:00` are no hours",
        "it ends before it starts",
        "`checked` is missing",
        "`B` is there twice, with dates that overlap",
        "use `medium_forbidden`",
        "Write days, hours or seconds",
        "Did you mean `failed`?",
    ):
        assert words in everything


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "this is not YAML"),
        ("a: 1\na: 2", "this is not YAML"),
        ("- 1", "a rule pack is a table"),
        ("", "a rule pack is a table"),
        ("\x00", "this is not YAML"),
    ],
)
def test_a_text_that_is_no_table_is_refused_with_a_reason(text: str, words: str) -> None:
    with pytest.raises(PackError, match=words):
        read_pack(text, "xx.yaml")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{id: A, kind: rest_days}", "no day rests"),
        ("{id: A, kind: window}", "`hours` is missing"),
        ('{id: A, kind: window, hours: {business: "08:00-20:00", mon: "08:00-20:00"}}', "beside"),
        ('{id: A, kind: window, hours: {all: "08:00-20:00", mon: "08:00-20:00"}}', "repeats"),
        ('{id: A, kind: rest_days, holidays: yes, eves_from: "25:00"}', "no time of day"),
        ("{id: A, kind: consent, applies: [sms]}", "must be a table"),
        ("{id: A, kind: consent, applies: {media: sms}}", "list of words"),
        ("{id: A, kind: consent, hours: {}}", "unknown key `hours`"),
        ("{id: A, kind: channel_list, allowed: [sms], why: 3}", "must be a text"),
        ("{id: A, kind: consent, readings: {taken: this}}", "`other` is missing"),
        ("{id: A, kind: cap, n: 1, per: 30h}", "a cap counts whole days"),
        ("{id: A, kind: consent, applies: {media: [fax]}}", "unknown media `fax`"),
        ("{id: A, kind: consent, applies: {past_due_from: 0}}", "must be 1 or more"),
        ("{id: A, kind: fields, needs: [contract_data], stage: first_message}", "contract_date"),
        ("{id: A, kind: fields, needs: [], stage: first_message}", "names nothing"),
        ("{id: A, kind: fields, needs: [opt_out]}", "`stage` is missing"),
        ("{id: A, kind: content, forbids: [urls]}", "Did you mean `url`?"),
        ("{id: A, kind: hold, signal: dispute}", "a hold without an end"),
        ("{id: A, kind: hold, signal: dispute, lasts: 60x}", "no term: 60x"),
        ("{id: A, kind: deadline, act: opt_out, within: 5d}", "counted from one act"),
        (
            "{id: A, kind: deadline, act: opt_out, within: 5d, least: 5d, after: call}",
            "together",
        ),
        ("{id: A, kind: retention, records: ledger, counted_from: call}", "how long"),
        ("{id: A, kind: fee, currency: EUR, bands: [{fixed: 40}]}", "a consumer would pay"),
        (
            "{id: A, kind: fee, applies: {debt_classes: [commercial]}, currency: EUR, bands:"
            " [{below: 9, fixed: 1}, {below: 5, fixed: 2}]}",
            "do not ascend",
        ),
        (
            "{id: A, kind: interest, reference: ecb_mro, points: 8.0, day_count: actual_365}",
            "in quotes",
        ),
        ("{id: A, kind: principle}", "`says` is missing"),
    ],
)
def test_a_row_that_says_nothing_clear_is_refused(rule: str, words: str) -> None:
    with pytest.raises(PackError, match=re.escape(words)):
        pack_of(rule)


@pytest.mark.parametrize(
    "line", ["note: &n [*n]", "<<: {kind: gap}", "<<: {sorce: x}", "1: one", "? [a]\n    : b"]
)
def test_what_yaml_allows_and_a_pack_does_not_is_a_finding(line: str) -> None:
    text = GOOD.replace("    kind: window\n", "").replace("    status: S", f"    {line}")

    with pytest.raises(PackError):
        read_pack(text, "xx.yaml")


def test_of_an_unknown_kind_only_the_kind_is_said() -> None:
    with pytest.raises(PackError) as caught:
        pack_of('{id: A, kind: windw, hours: {all: "08:00-20:00"}}')

    (finding,) = caught.value.findings
    assert str(finding) == "own.yaml:6:13: unknown kind `windw`. Did you mean `window`?"


def test_one_rule_may_change_on_a_day() -> None:
    until = "{id: A, kind: gap, least: 20h, effective_to: 2026-08-31}"
    since = "{id: A, kind: gap, least: 30h, effective_from: 2026-09-01}"

    assert len(pack_of(until, since).rules) == 2
    with pytest.raises(PackError, match=r"own\.yaml:7:6: `A` is there twice, with dates that over"):
        pack_of(until, since.replace("2026-09-01", "2026-08-31"))
    with pytest.raises(PackError, match="is there twice"):
        pack_of(until, "{id: A, kind: gap, least: 30h}")


@pytest.mark.parametrize("status", ["S", "G"])
def test_a_rate_that_nobody_read_must_be_disabled(status: str) -> None:
    text = GOOD.replace("kind: window", "kind: interest").replace("status: S", f"status: {status}")
    keys = (
        "reference: ecb_mro",
        'points: "8.0"',
        "day_count: actual_365",
        "rate_of: each_half_year",
    )
    rate = "\n    ".join(keys)
    text = re.sub("hours: .*", rate, text)

    with pytest.raises(PackError, match="nobody has read"):
        read_pack(text, "xx.yaml")
    (row,) = read_pack(f"{text}    disabled: not read\n", "xx.yaml").rules
    assert not row.in_force(date(2026, 10, 1))


def test_each_kind_that_is_kept_elsewhere_becomes_its_own_row() -> None:
    commercial = "applies: {debt_classes: [commercial]}"
    pack = pack_of(
        "{id: A, kind: hold, signal: breathing_space, lasts: 60d, freezes: [fees]}",
        "{id: B, kind: deadline, act: opt_out, within: 4mo, after: due_date, kept_by: a file}",
        f"{{id: C, kind: fee, {commercial}, currency: JPY, bands: [{{below: 9, fixed: 4}},"
        " {fixed: 7}]}",
        "{id: D, kind: opt_out, words: [opt out], any_means: true, confirm_within: 5min}",
        '{id: E, kind: interest, reference: ecb_mro, points: "8.5", day_count: actual_360,'
        " rate_of: first_half_year, overrides: [C]}",
    )
    hold, deadline, fee, stop, rate = pack.rules

    assert isinstance(hold, Hold)
    assert hold.lasts == Term(60, Unit.DAYS)
    assert hold.freezes == {Frozen.FEES}
    assert isinstance(deadline, Deadline)
    assert (deadline.within, deadline.after) == (Term(4, Unit.MONTHS), Act.DUE_DATE)
    assert (deadline.kept_by, hold.kept_by) == ("a file", "")
    assert isinstance(fee, Fee)
    assert fee.bands == (Band(Money(9, "JPY"), Money(4, "JPY")), Band(None, Money(7, "JPY")))
    assert isinstance(stop, OptOut)
    assert stop.words == {"opt out"}
    assert stop.confirm_within == Term(5, Unit.MINUTES)
    assert isinstance(rate, Interest)
    assert rate.points == Decimal("8.5")
    assert (rate.rate_of, rate.overrides) == (RateOf.FIRST_HALF_YEAR, frozenset("C"))


def test_what_the_other_kinds_ask_can_be_said_in_a_few_words() -> None:
    said = {rule.id: asks(rule) for pack in SHIPPED.values() for rule in pack.rules}

    assert all(said.values())
    assert said["UK-LPCDA"] == "40.00 GBP below 1000.00, 70.00 GBP below 10000.00, 100.00 GBP"
    assert said["LT-30D"] == "pre transfer notice at least 30d before third party handover"
    assert said["UK-BREATHE"] == "breathing space: silence for 60d; fees, interest stand still"
    assert said["IL-REST"] == "sat, fri from 14:00, holidays, their eves from 13:00"
    assert said["IT-UNIREC-HOURS"] == "mon-fri 08:30-21:00, sat 08:30-15:00"
    assert said["US-FL-OFFER-24H"] == "at most 3 in 24 h per creditor"


def test_a_city_names_its_region() -> None:
    with pytest.raises(PackError, match="cities without their region"):
        read_pack(GOOD.replace("[XX]", "[XX]\ncities: [a town]"), "xx.yaml")


def test_regions_name_their_one_country() -> None:
    with pytest.raises(PackError, match="exactly one country"):
        read_pack(GOOD.replace("[XX]", "[XX, YY]\nregions: [A]"), "xx.yaml")


def test_the_hash_is_of_the_content_and_not_of_the_layout() -> None:
    one = read_pack(GOOD, "xx.yaml")
    commented = read_pack("# a comment\n" + GOOD, "other.yaml")
    changed = read_pack(GOOD.replace("20:00", "21:00"), "xx.yaml")

    assert one.hash == commented.hash != changed.hash
    assert ruleset("il", "lt").hash == ruleset("lt", "il").hash != ruleset("il").hash


def test_the_same_id_in_two_packs_is_refused() -> None:
    with pytest.raises(ValueError, match="XX-HOURS"):
        RuleSet((read_pack(GOOD, "a.yaml"), read_pack(GOOD, "b.yaml")))


def test_every_shipped_row_has_a_source_and_a_pack_is_named_as_its_file() -> None:
    for name, pack in SHIPPED.items():
        assert pack.name == name
        assert pack.rules
        assert [rule.id for rule in pack.rules if not rule.head.source] == []
    assert {path.stem for path in FOLDER.iterdir()} == set(SHIPPED)


def test_the_docs_name_every_kind_and_every_key() -> None:
    text = DOCS.read_text("utf-8")
    named = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))

    assert named >= set(KINDS)
    keys = {key for kind in KINDS.values() for key in keys_of(kind)}
    keys |= {field.name for field in fields(Applies)} | {"disabled", "readings", "note", "cities"}
    assert {key for key in keys if f"`{key}" not in text} == set()
