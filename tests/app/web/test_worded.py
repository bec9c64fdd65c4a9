"""What was worded elsewhere is said in the language of a page, with its values set apart."""

from app.web.worded import marked, said
from app.wording.bidi import FSI, PDI
from campaigns.worded import listed, worded

HEBREW = {
    "`%(key)s` is %(what)s": "`%(key)s`: כאן כתוב %(what)s",
    "a list": "רשימה",
    "the file %(file)s is empty": "הקובץ %(file)s ריק",
}


def speaks(text: str) -> str:
    return HEBREW.get(text, text)


def test_a_text_and_what_fills_it_are_said_in_the_language() -> None:
    text = worded("`%(key)s` is %(what)s", key="channels", what=worded("a list"))

    assert said(text, speaks) == f"`{FSI}channels{PDI}`: כאן כתוב רשימה"
    assert marked(text, speaks) == '<code dir="auto">channels</code>: כאן כתוב רשימה'


def test_what_was_typed_is_escaped_and_keeps_its_direction() -> None:
    text = worded("the file %(file)s is empty", file="<b>a</b>")

    assert marked(text, speaks) == f"הקובץ {FSI}&lt;b&gt;a&lt;/b&gt;{PDI} ריק"


def test_a_text_that_is_not_worded_stands_as_it_is() -> None:
    assert said("as typed, 5 %", speaks) == "as typed, 5 %"
    assert marked("<i>", speaks) == "&lt;i&gt;"
    assert said(listed([]), speaks) == ""
