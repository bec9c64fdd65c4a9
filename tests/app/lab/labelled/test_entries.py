"""Labelled replies are read strictly: every entry counts in a measure, so none is half right."""

from datetime import date, time
from decimal import Decimal

import pytest

from app.hearing.intents import Details, DisputeAbout, Intent
from app.lab.labelled.entries import Half, LabelledError, labelled, read_labelled

HEAD = "# Replies for a test.\n"


def _read(entries: str) -> str:
    """What is wrong with the entries."""
    with pytest.raises(LabelledError) as raised:
        read_labelled(HEAD + entries, locale="en", file="en.test.yaml")
    return str(raised.value)


def test_it_reads_every_key() -> None:
    promise, dispute = read_labelled(
        HEAD
        + """
- text: "can pay 40 on thursday, card. text me after 6 pls, in german, 054-1234567"
  says: promise
  also: [hour, language]
  wrote_on: 2026-03-01
  on: 2026-03-05
  amount: "40"
  currency: GBP
  method: card
  locale: de
  medium: sms
  not_before: "18:00"
  not_after: "20:30"
  phone: "0541234567"
- text: never ordered this
  says: dispute
  about: not_ordered
""",
        locale="en",
        file="en.test.yaml",
    )

    assert promise.intents == {Intent.PROMISE, Intent.HOUR, Intent.LANGUAGE}
    assert (promise.says, promise.locale, promise.line) == (Intent.PROMISE, "en", 3)
    assert promise.wrote_on == date(2026, 3, 1)
    assert promise.details == Details(
        on=date(2026, 3, 5),
        amount=Decimal(40),
        currency="GBP",
        method="card",
        locale="de",
        medium="sms",
        not_before=time(18),
        not_after=time(20, 30),
        phone="0541234567",
    )
    assert dispute.details == Details(about=DisputeAbout.NOT_ORDERED)
    assert dispute.wrote_on is None


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("- text: stop\n  says: optout", "unknown says `optout`. Did you mean `opt_out`?"),
        ("- text: stop\n  say: opt_out", "unknown key `say`. Did you mean `says`?"),
        ("- text: stop", "`says` is missing"),
        ("- says: opt_out", "`text` is missing"),
        ("- text: 5\n  says: unclear", "`text` must be a text"),
        ("- text: thx\n  says: thanks\n  also: [stop]", "unknown also `stop`"),
        ("- text: thx\n  says: thanks\n  also: [thanks]", "stands in `says` and in `also`"),
        ("- text: thx\n  says: thanks\n  also: [opt_out]", "`opt_out` is graver than `thanks`"),
        ("- text: fri\n  says: promise\n  on: 2026-03-06", "`on` without `wrote_on`"),
        ("- text: fri\n  says: promise\n  wrote_on: sunday", "`wrote_on` is no date: sunday"),
        ("- text: paid\n  says: paid_already\n  method: bitcoin", "unknown method `bitcoin`"),
        ("- text: paid\n  says: paid_already\n  amount: 40.10", "`amount` is no number: 40.1"),
        ("- text: late\n  says: hour\n  not_before: evening", "`not_before` is no time of day"),
        ("- text: no\n  says: dispute\n  about: price", "unknown about `price`"),
        ("- stop", "an entry is a table"),
        ("- text: [stop", "this is not YAML"),
        ("text: stop", "the file is no list"),
        ("", "the file is no list"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_line(entry: str, problem: str) -> None:
    told = _read(entry)

    assert told.startswith("en.test.yaml:")
    assert problem in told


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = _read("- text: hi\n  says: hello\n- text: bye\n  says: thanks\n  until: monday\n")

    assert told.splitlines()[0].startswith("en.test.yaml:3:")
    assert told.splitlines()[1].startswith("en.test.yaml:6:")


def test_a_text_stands_once_in_a_file() -> None:
    twice = "- text: stop\n  says: opt_out\n"

    assert "en.test.yaml:4:3: the text of line 2 again" in _read(twice * 2)


def test_a_file_begins_with_what_it_is() -> None:
    with pytest.raises(LabelledError, match="no head comment"):
        read_labelled("- text: stop\n  says: opt_out\n", locale="en", file="en.test.yaml")


def test_a_language_without_a_file_is_named() -> None:
    with pytest.raises(LabelledError, match=r"xx\.test\.yaml:1:1: there is no such file"):
        labelled("xx", Half.TEST)
