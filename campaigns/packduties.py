"""Reads the rows of a rule pack that `permits` does not ask: what `duties` defines.

A sum or a rate that nobody has read stays disabled, and a fixed sum is of businesses alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar, assert_never

from campaigns.duties import (
    Act,
    Band,
    Check,
    Content,
    DayCount,
    Deadline,
    Fee,
    Fields,
    Frozen,
    Hold,
    HoldEnd,
    HoldSignal,
    Interest,
    LightCheck,
    Named,
    Notice,
    OptOut,
    Order,
    Principle,
    RateOf,
    Reach,
    Records,
    Reference,
    Retention,
    Settlement,
    Stage,
    Unit,
    Weight,
)
from campaigns.money import Money
from campaigns.packtable import Table
from campaigns.rulehead import Head
from campaigns.rules import Duties
from campaigns.vocabulary import DebtClass

T = TypeVar("T")


class DutyKind(StrEnum):
    """The word for each kind that is kept elsewhere."""

    NOTICE = "notice"
    FIELDS = "fields"
    CONTENT = "content"
    HOLD = "hold"
    DEADLINE = "deadline"
    RETENTION = "retention"
    FEE = "fee"
    INTEREST = "interest"
    SETTLEMENT = "settlement"
    OPT_OUT = "opt_out"
    LIGHT_CHECK = "light_check"
    PRINCIPLE = "principle"


DUTIES = {str(kind): kind for kind in DutyKind}
_OWN = {
    DutyKind.NOTICE: ("notice", "after", "within"),
    DutyKind.FIELDS: ("needs", "stage", "weight"),
    DutyKind.CONTENT: ("forbids", "weight"),
    DutyKind.HOLD: ("signal", "lasts", "until", "extension", "freezes"),
    DutyKind.DEADLINE: ("act", "within", "least", "after", "before", "blocks"),
    DutyKind.RETENTION: ("records", "counted_from", "least", "most"),
    DutyKind.FEE: ("currency", "bands", "overrides"),
    DutyKind.INTEREST: ("reference", "points", "day_count", "rate_of", "overrides"),
    DutyKind.SETTLEMENT: ("order",),
    DutyKind.OPT_OUT: (
        "words", "any_means", "within", "reach", "confirmations", "confirm_within",
    ),
    DutyKind.LIGHT_CHECK: (),
    DutyKind.PRINCIPLE: ("says",),
}  # fmt: skip
_ONE = "Give one of the two."


def duty_keys(kind: DutyKind) -> tuple[str, ...]:
    return (*_OWN[kind], "kept_by")


def duty_of(kind: DutyKind, table: Table, head: Head) -> Duties:  # noqa: PLR0912 (one a kind)
    """The row that the table holds."""
    kept = table.text("kept_by", needed=False)
    match kind:
        case DutyKind.NOTICE:
            act, after = _act(table, "notice"), _act(table, "after")
            return Notice(head, kept, act, after, table.term("within"))
        case DutyKind.FIELDS:
            return _fields(table, head, kept)
        case DutyKind.CONTENT:
            forbids = _some(table, "forbids", table.set_of("forbids", Check))
            return Content(head, kept, forbids, _weight(table))
        case DutyKind.HOLD:
            return _hold(table, head, kept)
        case DutyKind.DEADLINE:
            return _deadline(table, head, kept)
        case DutyKind.RETENTION:
            return _retention(table, head, kept)
        case DutyKind.FEE:
            return _fee(table, head, kept)
        case DutyKind.INTEREST:
            return _interest(table, head, kept)
        case DutyKind.SETTLEMENT:
            order = table.one_of("order", Order, needed=True) or Order.OLDEST_DUE
            return Settlement(head, kept, order)
        case DutyKind.OPT_OUT:
            return _opt_out(table, head, kept)
        case DutyKind.LIGHT_CHECK:
            return LightCheck(head, kept)
        case DutyKind.PRINCIPLE:
            return Principle(head, kept, table.text("says"))
        case _:
            assert_never(kind)


def _fields(table: Table, head: Head, kept: str) -> Fields:
    stage = table.one_of("stage", Stage, needed=True) or Stage.EVERY_MESSAGE
    needs = _some(table, "needs", table.set_of("needs", Named))
    return Fields(head, kept, needs, stage, _weight(table))


def _weight(table: Table) -> Weight:
    return table.one_of("weight", Weight) or Weight.ERROR


def _hold(table: Table, head: Head, kept: str) -> Hold:
    hold = Hold(
        head,
        kept,
        table.one_of("signal", HoldSignal, needed=True) or HoldSignal.REPLY,
        table.term("lasts"),
        table.one_of("until", HoldEnd),
        table.term("extension"),
        table.set_of("freezes", Frozen),
    )
    if hold.lasts is None and hold.until is None:
        table.fault("signal", "a hold without an end", "Give `lasts: 60d` or `until: released`.")
    return hold


def _deadline(table: Table, head: Head, kept: str) -> Deadline:
    found = Deadline(
        head,
        kept,
        _act(table, "act"),
        table.term("within"),
        table.term("least"),
        table.one_of("after", Act),
        table.one_of("before", Act),
        table.set_of("blocks", Act),
    )
    if (found.after is None) == (found.before is None):
        table.fault("act", "it must be counted from one act: `after` or `before`", _ONE)
    if found.within is not None and found.least is not None:
        table.fault("act", "`within` and `least` together", _ONE)
    return found


def _retention(table: Table, head: Head, kept: str) -> Retention:
    records = table.one_of("records", Records, needed=True) or Records.LEDGER
    least, most = table.term("least"), table.term("most")
    if (least is None) == (most is None):
        table.fault("records", "it must say how long: `least` or `most`", _ONE)
    if any(term and term.unit is Unit.BUSINESS_DAYS for term in (least, most)):
        table.fault("records", "records are kept by the calendar", "Write days, months or years.")
    return Retention(head, kept, records, _act(table, "counted_from"), least, most)


def _fee(table: Table, head: Head, kept: str) -> Fee:
    _unread_is_disabled(table, head)
    if head.applies.debt_classes != {DebtClass.COMMERCIAL}:
        remedy = "Write `applies: {debt_classes: [commercial]}`."
        table.fault("kind", "a fixed sum that a consumer would pay", remedy)
    currency = table.text("currency")
    bands = tuple(_band(inner, currency) for inner in table.tables("bands"))
    sums = [band.below.minor for band in bands if band.below is not None]
    if not bands or sums != sorted(set(sums)) or any(b.below is None for b in bands[:-1]):
        table.fault("bands", "the bands do not ascend", "The last may leave out `below`.")
    return Fee(head, kept, bands, table.words("overrides"))


def _band(inner: Table, currency: str) -> Band:
    """Sums in whole units of the currency."""
    inner.only(("below", "fixed"))
    below = Money.of(inner.count("below"), currency) if "below" in inner.content else None
    return Band(below, Money.of(inner.count("fixed"), currency))


def _interest(table: Table, head: Head, kept: str) -> Interest:
    _unread_is_disabled(table, head)
    reference = table.one_of("reference", Reference, needed=True) or Reference.ECB_MRO
    days = table.one_of("day_count", DayCount, needed=True) or DayCount.ACTUAL_365
    rate_of = table.one_of("rate_of", RateOf, needed=True) or RateOf.EACH_HALF_YEAR
    points, overrides = table.decimal("points"), table.words("overrides")
    return Interest(head, kept, reference, points, days, rate_of, overrides)


def _opt_out(table: Table, head: Head, kept: str) -> OptOut:
    return OptOut(
        head,
        kept,
        words=table.words("words"),
        any_means=table.flag("any_means"),
        within=table.term("within"),
        reach=table.one_of("reach", Reach),
        confirmations=table.count("confirmations") if "confirmations" in table.content else None,
        confirm_within=table.term("confirm_within"),
    )


def _unread_is_disabled(table: Table, head: Head) -> None:
    if head.is_caution and not head.disabled:
        remedy = "Read its source, or write `disabled:` with the reason."
        table.fault("kind", "a sum or a rate whose source nobody has read", remedy)


def _act(table: Table, key: str) -> Act:
    return table.one_of(key, Act, needed=True) or Act.FIRST_MESSAGE


def _some(table: Table, key: str, found: frozenset[T]) -> frozenset[T]:
    if not found:
        table.fault(key, f"`{key}` names nothing", f"Write `{key}: [one, two]`.")
    return found
