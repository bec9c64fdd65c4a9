"""Link placeholders: expanded exactly, masked for staff, tokens that cannot be guessed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wording.errors import UnknownLink
from app.wording.links import expand, link_ids, mask, placeholder, token

SECRET = bytes(range(32))
IDS = st.integers(0, 10**12)
WORDS = st.text().filter(lambda text: not link_ids(text))


def test_a_token_makes_a_path_of_25_characters() -> None:
    made = token(SECRET, 12)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", made)
    assert len(f"/p/{made}") == 25


@given(one=IDS, other=IDS)
def test_a_token_belongs_to_one_link_and_one_secret(one: int, other: int) -> None:
    assert (token(SECRET, one) == token(SECRET, other)) == (one == other)
    assert token(SECRET, one) == token(SECRET, one)
    assert token(SECRET, one) != token(bytes(32), one)


def test_a_token_does_not_change_between_versions() -> None:
    assert token(SECRET, 12) == "sItjF0LQwKvmGchBDGSvQQ"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        token(b"short", 12)


@given(before=WORDS, after=WORDS, link_id=IDS)
def test_expanding_changes_nothing_but_the_placeholder(
    before: str, after: str, link_id: int
) -> None:
    text = f"{before} {placeholder(link_id)} {after}"
    if link_ids(text) == {link_id} and text.count(placeholder(link_id)) == 1:
        url = "https://pay.example/p/abc"
        assert expand(text, {link_id: url}) == f"{before} {url} {after}"


@given(text=WORDS)
def test_a_text_without_links_stays_as_it_is(text: str) -> None:
    assert expand(text, {}) == text


def test_two_links_next_to_each_other_are_both_expanded() -> None:
    assert expand("{{link:1}}{{link:2}}", {1: "https://a.ex/1", 2: "https://a.ex/2"}) == (
        "https://a.ex/1https://a.ex/2"
    )


def test_an_address_that_looks_like_a_placeholder_is_not_expanded_again() -> None:
    with pytest.raises(ValueError, match="link 1"):
        expand("{{link:1}}", {1: "https://a.ex/{{link:2}}", 2: "https://b.ex"})


def test_a_link_without_an_address_is_refused() -> None:
    with pytest.raises(UnknownLink, match="link 7"):
        expand("{{link:7}}", {1: "https://a.ex"})


@pytest.mark.parametrize("url", ['https://a.ex/"x', "https://a.ex/<b>", "https://a.ex/ b", "a\nb"])
def test_an_address_that_could_break_out_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="link 1"):
        expand("{{link:1}}", {1: url})


@pytest.mark.parametrize(
    "text", ["{{link:x}}", "{{link:-1}}", "{{link:01}}", "{link:1}", "{{ link:1 }}"]
)
def test_what_is_no_placeholder_stays(text: str) -> None:
    assert expand(text, {1: "https://a.ex"}) == text


@given(before=st.text(), link_id=IDS)
def test_staff_never_see_a_token(before: str, link_id: int) -> None:
    made = token(SECRET, link_id)
    text = f"{before}\nhttps://pay.example/p/{made}\n{placeholder(link_id)}"
    masked = mask(text)
    assert made not in masked
    assert f"[link {link_id}]" in masked
    assert masked.endswith(f"https://pay.example/p/…\n[link {link_id}]")
