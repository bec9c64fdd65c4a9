"""A text keeps its template and its values, and is plain English to whoever prints it."""

from campaigns.worded import (
    Worded,
    as_record,
    as_written,
    from_record,
    joined,
    listed,
    spelled,
    verbatim,
    worded,
)


def test_a_text_is_english_and_knows_how_it_was_worded() -> None:
    said = worded("no path leads to `%(step)s`", step="second")

    assert said == "no path leads to `second`"
    assert (said.template, said.values) == ("no path leads to `%(step)s`", {"step": "second"})


def test_an_error_that_carries_it_still_tells_how_it_was_worded() -> None:
    caught = ValueError(worded("say yes or no"))

    assert isinstance(str(caught), Worded)


def test_a_text_out_of_data_may_hold_a_percent_sign() -> None:
    said = as_written("below 0.1 %, never 0.3 %(a)")

    assert said == "below 0.1 %, never 0.3 %(a)"
    assert said.values == {}
    assert as_written(said) is said


def test_parts_are_listed_and_each_keeps_its_own_template() -> None:
    said = listed([spelled("opt_out"), spelled("sender_name"), "more"])

    assert said == "opt out, sender name, more"
    assert [str(value) for value in said.values.values()] == ["opt out, sender name", "more"]
    assert (listed([]), joined(["one", "two"], "; "), verbatim("40 %")) == ("", "one; two", "40 %")


def test_a_text_is_kept_and_read_back_with_all_that_fills_it() -> None:
    said = worded("%(file)s is %(what)s, 100 %%", file="a.csv", what=worded("a PDF", line=3))

    again = from_record(as_record(said))

    assert again == said == "a.csv is a PDF, 100 %"
    assert again.template == said.template
    assert isinstance(again.values["what"], Worded)
