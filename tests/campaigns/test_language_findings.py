"""One broken journey for every kind of finding: the line it names, and the words that help."""

import io
from textwrap import indent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from campaigns.fact_table import FactType
from campaigns.language import check_journey
from campaigns.worded import Worded

TEMPLATES = ("due_today", "offer_help", "promise_broken")
HEAD = "journey: a_journey\ntitle: A title\nsubject: customer\nsteps:\n"
END = "  - id: last\n    day: 60\n    end: handed_over\n"


def steps(*blocks: str, tail: str = END) -> str:
    """A journey of steps; the first key of the first step stands on line 5."""
    listed = "".join("  - " + indent(block, "    ").removeprefix("    ") + "\n" for block in blocks)
    return HEAD + listed + tail


def send(*lines: str) -> str:
    """A journey whose first step sends; `lines` begin on line 8."""
    return steps("\n".join(("id: first", "day: 3", "send: due_today", *lines)))


def reaction(line: str) -> str:
    """A journey with one reaction, on line 9."""
    return HEAD + END + f"on:\n  {line}\n"


PREDUE = HEAD.replace("customer", "invoice")
WAIT = "id: wait\nday: 3\nwait_for: {signal: promise_made, for: 3d"
BRANCH = "id: choose\nday: 3\nbranch:\n"
TO_LAST = BRANCH + "  - {when: has_plan, go: last}\n"
MIDDLE = "id: middle\nday: 5\nsend: due_today"
CALL = "id: call\nday: 1\ntask: "
MANY = "\n".join(f"  - {{id: s{number}, day: {number}, send: due_today}}" for number in range(201))

BROKEN = [
    # the file
    ("", 1, "the file is empty"),
    ("# only a comment\n", 1, "the file is empty"),
    ("---\n", 1, "the file is empty"),
    ("just words", 1, "the file is a text"),
    ("- a\n- b\n", 1, "the file is a list"),
    ("journey: [a\n", 2, "not YAML"),
    ("journey: 'a\n", 2, "not YAML"),
    (HEAD + "  - id: a\n   day: 1\n", 6, "not YAML"),
    (HEAD + "  - id: a\n\tday: 1\n", 6, "Indent with spaces"),
    ("%YAML 1.1\n---\n" + HEAD + END, 1, "directive"),
    (HEAD + END + "---\na: 1\n", 8, "second document"),
    (HEAD + END + "title: Another\n", 8, "line 2 already"),
    (HEAD + "  - &x {id: a}\n", 5, "anchors"),
    (HEAD + "  - *x\n", 5, "anchors"),
    (HEAD + "  - !!python/object {id: a}\n", 5, "tags"),
    (HEAD + "  - " + "[" * 20 + "]" * 20, 5, "nested too deeply"),
    ("? [a]\n: b\n", 1, "a list stands as a key"),
    ("journey: a\x01b\n", 1, "does not allow"),
    ("# " + "x" * 200_000, 1, "too big"),
    # the head
    (HEAD.replace("title", "titel") + END, 2, "mean `title`"),
    (HEAD.replace("title: A title\n", "") + END, 1, "no `title`"),
    (HEAD.replace("A title", "2026") + END, 2, "quotes"),
    (HEAD.replace("A title", "") + END, 2, "no value"),
    (HEAD.replace("A title", "' '") + END, 2, "blank"),
    (HEAD.replace("A title", "[a]") + END, 2, "is a list"),
    (HEAD.replace("a_journey", "A journey") + END, 1, "small letters"),
    (HEAD.replace("customer", "custmer") + END, 3, "`customer`"),
    (HEAD.replace("customer", "{a: b}") + END, 3, "a table"),
    (HEAD.replace("steps:\n", ""), 1, "no `steps`"),
    (HEAD.replace("steps:", "steps: []"), 4, "is empty"),
    (HEAD.replace("steps:", "steps: many"), 4, "Write a list"),
    (HEAD + MANY, 4, "201 steps"),
    # a step
    (steps("one"), 5, "is a text"),
    (steps("day: 3\nsend: due_today"), 5, "no `id`"),
    (steps("id: First step\nday: 3\nsend: due_today"), 5, "small letters"),
    (steps("id: last\nday: 3\nsend: due_today"), 8, "line 5 has it already"),
    (steps("id: first\nday: 3"), 5, "does nothing"),
    (steps("id: first\nday: 3\nsnd: due_today"), 7, "`send`"),
    (steps("id: first\nday: 3\nsend: due_today\nend: settled"), 8, "a step of its own"),
    (steps("id: first\nsend: due_today"), 5, "no anchor"),
    (steps("id: first\nday: 3\nafter: 1d\nsend: due_today"), 7, "two anchors"),
    (steps("id: first\nafter: 1d\nsend: due_today"), 6, "no step before the first"),
    (send("  extra: 1"), 8, "not YAML"),
    (send("shift: next_bussiness_day"), 8, "`next_business_day`"),
    (steps(MIDDLE, "id: b\nafter: 1d\nshift: none\nsend: due_today"), 10, "`day` only"),
    (send("otherwise: last"), 8, "no key `otherwise`"),
    (send("when: balnce >= 5"), 8, "`balance`"),
    (send("when: ''"), 8, "empty"),
    (send("when:"), 8, "no value"),
    (send("when: true"), 8, "`True`"),
    (send("when: [a]"), 8, "is a list"),
    (send("when: >-", "  balance >= 5 and", "  has_plans"), 10, "`has_plan`"),
    # days
    (steps("id: first\nday: 3d\nsend: due_today"), 6, "plain number"),
    (steps("id: first\nday: '3'\nsend: due_today"), 6, "plain number"),
    (steps("id: first\nday: 1.5\nsend: due_today"), 6, "plain number"),
    (steps("id: first\nday: 4000\nsend: due_today"), 6, "too far away"),
    (steps(f"id: first\nday: {'9' * 5000}\nsend: due_today"), 6, "too far away"),
    (steps("id: first\nday: 61\nsend: due_today"), 9, "day 60 stands after day 61"),
    (steps(MIDDLE, "id: b\nday: -8\nsend: due_today"), 9, "A minus sign means before"),
    (PREDUE + "  - {id: a, day: -5, send: due_today}\n  - {id: b, day: 3, send: due_today}\n"
     "  - {id: c, day: 4, end: exhausted}\n", 6, "Write -3"),
    # what is said
    (steps("id: first\nday: 3\nsend: Dear customer"), 7, "small letters"),
    (steps("id: first\nday: 3\nsend: {text: Hi}"), 7, "a table of keys"),
    (steps("id: first\nday: 3\nsend: due_todya"), 7, "`due_today`"),
    (steps("id: first\nday: 3\nsend: zzzzzz"), 7, "Write the template first"),
    (send("category: remindr"), 8, "`reminder`"),
    (steps("id: a\nday: -3\nsend: due_today\ncategory: offer"), 8, "offer before anything is due"),
    (send("channels: sms"), 8, "a list such as"),
    (send("channels: bets"), 8, "`best`"),
    (send("channels: [sms, emial]"), 8, "`email`"),
    (send("channels: [sms, sms]"), 8, "twice"),
    (send("channels: []"), 8, "empty"),
    (send("channels: [[sms]]"), 8, "a list"),
    (send("channels: {sms: 1}"), 8, "Write a list"),
    (send("fallback: 1d"), 8, "a table of keys"),
    (send("fallback: {on_refusal: yes}"), 8, "Write `true`"),
    (send("fallback: {on_refusal: no}"), 8, "Write `false`"),
    (send("fallback: {on_no_delivry: 1d}"), 8, "`on_no_delivery`"),
    (send("valid_for: 3"), 8, "such as 3d"),
    (send("valid_for: -3d"), 8, "such as 4d"),
    (send("valid_for: 3y"), 8, "m, h, d or w"),
    (send("valid_for: 0d"), 8, "more than nothing"),
    (send("valid_for: 600w"), 8, "3650d"),
    (send("valid_for: 99999999999w"), 8, "m, h, d or w"),
    # tasks, waits, branches, ends
    (steps(CALL + "{team: '', title: Call}"), 7, "blank"),
    (steps(CALL + "{title: Call}"), 7, "no `team`"),
    (steps(CALL + "{team: a, tilte: Call, title: b}"), 7, "`title`"),
    (steps(CALL + "call"), 7, "a table of keys"),
    (steps(WAIT.replace("made", "mad") + "}"), 7, "`promise_made`"),
    (steps("id: wait\nday: 3\nwait_for: {for: 3d}"), 7, "no `signal`"),
    (steps("id: wait\nday: 3\nwait_for: {signal: promise_made}"), 7, "no `for`"),
    (steps("id: wait\nday: 3\nwait_for: promise_made"), 7, "a table of keys"),
    (steps(WAIT + ", than: last}"), 7, "`then`"),
    (steps(WAIT + ", then: lst}"), 7, "`last`"),
    (steps(MIDDLE, WAIT.replace("3\n", "6\n") + ", otherwise: middle}"), 10, "circles"),
    (steps(WAIT + ", then: wait}"), 7, "circles"),
    (steps(BRANCH + "  - {when: has_plan, go: choose}"), 8, "circles"),
    (steps(BRANCH + "  - {when: has_plan}"), 8, "no `go`"),
    (steps(BRANCH + "  - {go: last}"), 8, "no `when`"),
    (steps(BRANCH + "  - {when: has_plna, go: last}"), 8, "`has_plan`"),
    (steps(BRANCH + "  - last"), 8, "{when:"),
    (steps("id: choose\nday: 3\nbranch: last"), 7, "Write a list"),
    (steps(TO_LAST + "otherwise: lats"), 9, "`last`"),
    (steps("id: a\nday: 1\nend: setled"), 7, "`settled`"),
    # paths
    (steps(TO_LAST + "otherwise: last", MIDDLE), 10, "every path jumps over it"),
    (steps(WAIT + ", then: last, otherwise: last}", MIDDLE), 8, "every path jumps over it"),
    (steps("id: a\nday: 1\nend: settled"), 8, "`a` ends the journey"),
    (steps("id: first\nday: 3\nsend: due_today", tail=""), 5, "never ends"),
    (HEAD + END + "    when: balance > 3\n", 5, "Take `when` off"),
    # reactions
    (HEAD + END + "on: []\n", 8, "a table of keys"),
    (HEAD + END + "on:\n", 8, "no value"),
    (reaction("promise_brokn: {send: promise_broken}"), 9, "`promise_broken`"),
    (reaction("promise_broken: promise_broken"), 9, "a table of keys"),
    (reaction("promise_broken: {category: receipt}"), 9, "no `send`"),
    (reaction("promise_broken: {send: promise_brokn}"), 9, "`promise_broken`"),
    (reaction("promise_broken: {send: promise_broken, catgory: receipt}"), 9, "`category`"),
    (reaction("promise_broken: {send: promise_broken, day: 3}"), 9, "no key `day`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), BROKEN)
def test_a_broken_journey_is_found_at_its_line_with_words_that_help(
    text: str, line: int, words: str
) -> None:
    journey, findings = check_journey(text, "broken.yaml", templates=TEMPLATES)

    assert journey is None
    matching = [finding for finding in findings if words in str(finding)]
    assert [finding.line for finding in matching] == [line], [str(f) for f in findings]
    assert findings[0].remedy.endswith((".", "?"))
    assert all(
        isinstance(words, Worded) for found in findings for words in (found.problem, found.remedy)
    )
    assert str(matching[0]).startswith(f"broken.yaml:{line}:")


def test_the_journey_that_the_broken_ones_are_made_from_is_sound() -> None:
    for text in (send(), steps(MIDDLE), steps(TO_LAST, MIDDLE), reaction(
        "promise_broken: {send: promise_broken}"
    ), steps(WAIT + ", then: last}", MIDDLE)):  # fmt: skip
        assert check_journey(text, "f", templates=TEMPLATES)[1] == ()


def test_a_step_that_a_condition_may_skip_leads_to_the_next_one() -> None:
    skipped = steps(TO_LAST + "otherwise: last\nwhen: balance > 3", MIDDLE)
    ended = steps("id: a\nday: 1\nend: settled\nwhen: balance < 3", MIDDLE)

    assert check_journey(skipped, "f")[1] == ()
    assert check_journey(ended, "f")[1] == ()


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("when: balance > 1 and balnce > 5", 27),
        ("when: 'balance > 1 and balnce > 5'", 28),
        ('when: "balance > 1 and balnce > 5"', 28),
        ("when:   'kind == ''consumer'' and balnce > 5'", 39),
        ("when: >-\n  balance > 1 and\n  balnce > 5", 7),
        ("when: |\n  balance > 1 and balnce > 5\n", 23),
        ("when: balance > 1 and\n  balnce > 5", 7),
    ],
)
def test_a_fault_in_a_condition_is_found_at_its_column(line: str, column: int) -> None:
    _, (finding,) = check_journey(send(*line.split("\n")), "f")

    assert finding.column == column
    assert "`balnce`" in finding.problem


def test_one_mistake_makes_one_finding() -> None:
    text = steps("id: first\nday: soon\nsend: due_today", MIDDLE, "id: c\nday: 7\nend: setled")
    _, findings = check_journey(text, "f", templates=TEMPLATES)

    assert [finding.line for finding in findings] == [6, 13, 14]


def test_all_findings_come_at_once_in_the_order_of_the_file() -> None:
    text = send("category: remindr", "when: balnce > 5").replace("title", "titel")
    _, findings = check_journey(text, "f", templates=("offer_help",))

    assert [finding.line for finding in findings] == [1, 2, 7, 8, 9]


def test_a_custom_attribute_must_be_declared() -> None:
    text = send("when: custom.vip")

    assert check_journey(text, "f")[0] is None
    assert check_journey(text, "f", custom={"vip": FactType.FLAG})[1] == ()


def test_a_text_that_doubles_itself_by_aliases_is_refused_at_once() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(60))

    _, findings = check_journey(bomb, "f")

    assert [finding.line for finding in findings] == [1]


WORDS = st.sampled_from(
    ["steps:", "on:", "- ", "\n", "  ", "id: a", "day: 1", "send: b", "{", "}", "[", "]", ", ",
     "when: balance > 1", "journey: a", "title: b", "subject: invoice", "'", '"', "|", ">-", "#",
     "&x", "*x", "!t", "? ", ": ", "---", "...", "%TAG", "\t", "branch:", "wait_for:", "end:",
     "\x00", "\ufeff", "\u2028", "<<: ", "promise_made:", "=", "~", "0x1", "2026-01-01"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=30).map("".join)))
def test_any_text_gives_a_journey_or_findings_inside_the_file(text: str) -> None:
    journey, findings = check_journey(text, "junk.yaml")

    assert (journey is None) is bool(findings)
    assert all(1 <= finding.line <= len(text) + 2 for finding in findings)
    assert all(finding.column >= 1 for finding in findings)


@given(st.data())
def test_a_sound_journey_with_one_value_spoilt_never_raises(data: st.DataObject) -> None:
    yaml = YAML(typ="safe", pure=True)
    tree = yaml.load(steps(TO_LAST, WAIT + ", then: last}", MIDDLE) + "on:\n  promise_made: {}\n")
    spoilt = st.one_of(st.none(), st.integers(), st.text("ab: ", max_size=3), st.just([{}]),
                       st.just({"a": [1]}), st.booleans(), st.floats(allow_nan=False))  # fmt: skip
    place = data.draw(st.sampled_from([tree, *tree["steps"], tree["steps"][1]["wait_for"]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(spoilt)
    written = io.StringIO()
    YAML(typ="safe", pure=True).dump(tree, written)

    journey, findings = check_journey(written.getvalue(), "f")

    assert (journey is None) is bool(findings)
