"""What two people changed apart is put together; what they changed both is told."""

from app.drafting.merging import Conflict, merged

BASE = {"a.yaml": "one\ntwo\nthree\nfour\nfive\n"}


def _of(text: str) -> dict[str, str]:
    return {"a.yaml": text}


def test_changes_of_other_lines_are_both_kept() -> None:
    mine, theirs = _of("1\ntwo\nthree\nfour\nfive\n"), _of("one\ntwo\nthree\nfour\n5\nsix\n")
    assert merged(BASE, mine, theirs) == (_of("1\ntwo\nthree\nfour\n5\nsix\n"), [])


def test_the_same_change_in_both_is_no_conflict() -> None:
    both = _of("one\n2\nthree\nfour\nfive\n")
    assert merged(BASE, both, both) == (both, [])


def test_a_line_changed_in_both_stays_mine_and_is_told() -> None:
    mine, theirs = _of("one\n2\nthree\nfour\nfive\n"), _of("one\nTWO\nthree\nfour\n5\n")
    text, conflicts = merged(BASE, mine, theirs)
    assert text == _of("one\n2\nthree\nfour\n5\n")
    assert conflicts == [Conflict("a.yaml", 2, ("two\n",), ("2\n",), ("TWO\n",))]


def test_a_line_taken_out_here_and_changed_there_is_told() -> None:
    mine, theirs = _of("one\nthree\nfour\nfive\n"), _of("one\nTWO\nthree\nfour\nfive\n")
    _, conflicts = merged(BASE, mine, theirs)
    assert [(each.mine, each.theirs) for each in conflicts] == [((), ("TWO\n",))]


def test_a_file_that_one_has_added_or_taken_away_is_followed() -> None:
    base = {"a.yaml": "a\n", "b.yaml": "b\n"}
    mine, theirs = {"a.yaml": "a\n"}, {**base, "c.yaml": "c\n"}
    assert merged(base, mine, theirs) == ({"a.yaml": "a\n", "c.yaml": "c\n"}, [])


def test_a_file_taken_away_here_and_changed_there_is_told() -> None:
    text, conflicts = merged(BASE, {}, _of("one\n"))
    assert text == {}
    assert [each.file for each in conflicts] == ["a.yaml"]
