"""The hash of a journey: the same for the same meaning, and only then."""

import hashlib
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.journey import Journey
from campaigns.language import read_journey
from campaigns.vocabulary import Category, Medium, Outcome, Signal, SubjectKind

Keys = Mapping[str, str]
Spacing = Callable[[str], str]
Content = tuple[Keys, list[Keys], dict[str, Keys]]

TITLES = st.sampled_from(["A", "B", "Ą", "שלום"])
SUBJECTS = st.sampled_from(SubjectKind)
NAMES = st.sampled_from(["a", "b", "c_1"])
LENGTHS = st.sampled_from(["1d", "24h", "2w", "30m"])
CONDITIONS = st.sampled_from(
    ["balance >= 5", "balance > 5", "locale == 'a  b'", "locale == 'a b'", "balance >= 5.5"]
)


@st.composite
def speech(draw: st.DrawFn) -> Keys:
    """The keys of a send, each present or not."""
    keys = {"send": draw(NAMES)}
    options: Mapping[str, st.SearchStrategy[str]] = {
        "category": st.sampled_from(Category).filter(lambda word: word != "offer"),
        "channels": st.sampled_from(["best", *(f"[{medium}]" for medium in Medium)]),
        "fallback": st.sampled_from(["{on_refusal: false}", "{on_no_click: 1d}"]),
        "valid_for": LENGTHS,
        "when": CONDITIONS,
    }
    for key, values in options.items():
        if draw(st.booleans()):
            keys[key] = draw(values)
    return keys


@st.composite
def content(draw: st.DrawFn) -> Content:
    """Head, steps and reactions of a sound journey."""
    head = {"journey": draw(NAMES), "title": draw(TITLES), "subject": draw(SUBJECTS)}
    days = sorted(draw(st.lists(st.integers(0, 9), max_size=3)))
    steps: list[Keys] = [
        {"id": f"s{number}", "day": str(day), **draw(speech())} for number, day in enumerate(days)
    ]
    steps.append({"id": "last", "day": "9", "end": draw(st.sampled_from(Outcome))})
    return head, steps, draw(st.dictionaries(st.sampled_from(Signal), speech(), max_size=3))


def written(parts: Content, *, turned: bool, space: Spacing) -> str:
    """The same journey in another hand: keys the other way round, comments, blank lines."""
    head, steps, reactions = parts
    lines = [f"{key}: {space(value)}" for key, value in head.items()]
    blocks = [["steps:", *(f"  - {_flow(step, turned)}" for step in steps)]]
    if reactions:
        said = [f"  {signal}: {_flow(keys, turned)}" for signal, keys in reactions.items()]
        blocks.append(["on:", *(reversed(said) if turned else said)])
    ordered = reversed(blocks) if turned else blocks
    return "\n".join([*lines, *(space(line) for block in ordered for line in block), ""])


def _flow(keys: Keys, turned: bool) -> str:
    pairs = [f"{key}: {_quoted(key, value, turned)}" for key, value in keys.items()]
    return "{" + ", ".join(reversed(pairs) if turned else pairs) + "}"


def _quoted(key: str, value: str, turned: bool) -> str:
    if key != "when":
        return value
    return '"' + (value.replace(" >= ", ">=  ") if turned else value) + '"'


def plain(text: str) -> str:
    return text


def airy(text: str) -> str:
    return f"{text}    # a remark"


def read(text: str) -> Journey:
    return read_journey(text, "f")


def meaning(journey: Journey) -> object:
    """A journey's content as Python compares it, without its hash."""
    spoken = sorted(journey.reactions.items())
    return repr((journey.name, journey.title, journey.subject, journey.steps, spoken))


@given(content())
def test_comments_spacing_and_the_order_of_keys_do_not_change_the_hash(
    parts: Content,
) -> None:
    one = written(parts, turned=False, space=plain)
    other = written(parts, turned=True, space=airy)

    assert one != other
    assert read(one).hash == read(other).hash


@given(content(), content())
def test_the_hash_is_the_same_only_for_the_same_meaning(one: Content, other: Content) -> None:
    first, second = (read(written(parts, turned=False, space=plain)) for parts in (one, other))

    assert (first.hash == second.hash) is (meaning(first) == meaning(second))


BASE = """\
journey: a
title: A
subject: customer
steps:
  - {id: first, day: 1, shift: none, send: b, category: reminder, channels: [sms, email],
     fallback: {on_refusal: true, on_no_delivery: 1d, on_no_click: 2d}, valid_for: 3d,
     when: balance > 5}
  - {id: wait, after: 1h, wait_for: {signal: promise_made, for: 3d, then: choose, otherwise: end}}
  - {id: choose, day: 3, branch: [{when: has_plan, go: call}, {when: has_promise, go: end}],
     otherwise: call}
  - {id: call, day: 4, task: {team: t, title: Call}}
  - {id: end, day: 5, end: settled}
on:
  promise_made: {send: c, category: receipt, valid_for: 1d}
"""
CHANGES = [
    ("journey: a", "journey: b"),
    ("title: A", "title: a"),
    ("customer", "invoice"),
    ("id: first", "id: frist"),
    ("day: 1", "day: 0"),
    ("shift: none", "shift: next_business_day"),
    ("send: b", "send: d"),
    ("reminder", "legal"),
    ("[sms, email]", "[email, sms]"),
    ("[sms, email]", "best"),
    ("on_refusal: true", "on_refusal: false"),
    ("on_no_delivery: 1d", "on_no_delivery: 25h"),
    ("on_no_click: 2d", "on_no_click: 3d"),
    ("valid_for: 3d", "valid_for: 4d"),
    ("balance > 5", "balance >= 5"),
    (",\n     when: balance > 5", ""),
    ("after: 1h", "after: 61m"),
    ("signal: promise_made", "signal: promise_kept"),
    ("for: 3d, then", "for: 4d, then"),
    ("then: choose, ", ""),
    ("otherwise: end", "otherwise: call"),
    ("go: call", "go: end"),
    ("[{when: has_plan, go: call}, ", "["),
    (",\n     otherwise: call", ""),
    ("team: t", "team: u"),
    ("title: Call", "title: Ring"),
    ("end: settled", "end: withdrawn"),
    ("promise_made: {send", "promise_kept: {send"),
    ("send: c", "send: d"),
    ("category: receipt", "category: notice"),
    ("valid_for: 1d", "valid_for: 2d"),
]


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_any_change_of_meaning_changes_the_hash(old: str, new: str) -> None:
    assert old in BASE
    assert read(BASE.replace(old, new, 1)).hash != read(BASE).hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" shift: none,", ""),
        (" category: reminder,", ""),
        ("on_refusal: true, ", ""),
        (" valid_for: 3d,", ""),
        ("for: 3d, then", "for: 72h, then"),
        ("title: A", "title: 'A'"),
        ("balance > 5", "balance>5"),
    ],
)
def test_what_is_spelt_out_but_means_the_same_does_not_change_it(old: str, new: str) -> None:
    assert old in BASE
    assert read(BASE.replace(old, new, 1)).hash == read(BASE).hash


def test_the_hash_is_a_sha256_and_does_not_drift() -> None:
    head = "journey: a\ntitle: A\nsubject: customer\n"
    journey = read(head + "steps: [{id: b, day: 1, end: settled}]")
    canonical = (
        '{"journey":"a","on":{},"steps":[{"anchor":{"is":"day","offset":1},"id":"b","is":"end",'
        '"outcome":"settled"}],"subject":"customer","title":"A"}'
    )

    assert journey.hash == hashlib.sha256(canonical.encode()).hexdigest()
