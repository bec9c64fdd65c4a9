"""What somebody says on the telephone is a text of the template: read aloud, and without links."""

from __future__ import annotations

from dataclasses import replace

from app.wording.check import check_template
from app.wording.files import DraftFile
from app.wording.render import Wording
from app.wording.revisions import revision_of
from app.wording.samples import render_sample, shipped
from app.wording.words import LocalWords, Text, from_canonical
from app.wording.writing import written


def with_call(source: str) -> LocalWords:
    words = shipped().words_of("reminder_first", "en")
    return replace(words, texts={**words.texts, "call": Text(source)})


def test_a_script_is_filled_like_any_text_and_kept_with_it() -> None:
    revision = revision_of([with_call("Good morning, {{ sender }} from {{ creditor }}.")])
    wording = Wording([replace(revision, words=from_canonical(revision.content))])

    said = render_sample("reminder_first", "call", "en", wording=wording)

    assert said.text == "Good morning, Noa from Alder & Finch."
    assert said.segments == 0


def test_a_link_in_a_script_is_a_finding() -> None:
    draft = DraftFile("reminder_first/en.yaml", written(with_call("See {{ pay_link }}.")))

    (found,) = check_template([draft], locales=["en"])

    assert found.problem == "`pay_link` in `call`"
