"""SMS sizes: by hand, by property, and against what other projects recorded."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms import SmsEncoding, SmsSize, costly, counted_double, gsm_safe, measure

GSM, UCS = SmsEncoding.GSM_7, SmsEncoding.UCS_2
EXTENSION = "\f^{}\\[~]|€"
GREEK = "ΔΦΓΛΩΠΨΣΘΞ"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", SmsSize(GSM, 0, 1, 160)),
        ("a" * 160, SmsSize(GSM, 160, 1, 160)),
        ("a" * 161, SmsSize(GSM, 161, 2, 153)),
        ("a" * 306, SmsSize(GSM, 306, 2, 153)),
        ("a" * 307, SmsSize(GSM, 307, 3, 153)),
        ("€" * 80, SmsSize(GSM, 160, 1, 160)),
        ("€" * 81, SmsSize(GSM, 162, 2, 153)),
        ("א" * 70, SmsSize(UCS, 70, 1, 70)),
        ("א" * 71, SmsSize(UCS, 71, 2, 67)),
        ("א" * 134, SmsSize(UCS, 134, 2, 67)),
        ("א" * 135, SmsSize(UCS, 135, 3, 67)),
        ("😀" * 35, SmsSize(UCS, 70, 1, 70)),
        ("😀" * 36, SmsSize(UCS, 72, 2, 67)),
        (GREEK, SmsSize(GSM, 10, 1, 160)),
        (EXTENSION, SmsSize(GSM, 20, 1, 160)),
        ("1\u00a0240,50 €", SmsSize(UCS, 10, 1, 70)),
        ("₪", SmsSize(UCS, 1, 1, 70)),
        ("\ud83d", SmsSize(UCS, 1, 1, 70)),
    ],
)
def test_sizes_by_hand(text: str, size: SmsSize) -> None:
    assert measure(text) == size


def test_an_extension_character_is_not_cut_apart() -> None:
    """152 + € + 152 is 306 septets, two full parts, if the € could be cut; it moves on whole."""
    assert measure("a" * 152 + "€" + "a" * 152) == SmsSize(GSM, 306, 3, 153)
    assert measure("a" * 151 + "€" + "a" * 153) == SmsSize(GSM, 306, 2, 153)


def test_a_surrogate_pair_is_not_cut_apart() -> None:
    assert measure("א" * 66 + "😀" + "א" * 66) == SmsSize(UCS, 134, 3, 67)
    assert measure("א" * 65 + "😀" + "א" * 67) == SmsSize(UCS, 134, 2, 67)


@given(st.text(alphabet=st.sampled_from("a€😀א{"), min_size=50, max_size=700))
def test_the_count_is_that_of_packing_character_by_character(text: str) -> None:
    size = measure(text)

    assert size.units == sum(_widths(text, size.encoding))
    assert size.segments == _packed(text, size.encoding)


@given(st.text(max_size=200))
def test_a_folded_text_never_costs_more(text: str) -> None:
    folded = gsm_safe(text)

    assert folded == text or measure(folded).encoding is GSM
    assert measure(folded).segments <= measure(text).segments
    assert gsm_safe(folded) == folded


@given(st.text(max_size=200))
def test_folding_keeps_every_letter_and_digit(text: str) -> None:
    def said(some: str) -> str:
        composed = unicodedata.normalize("NFC", some).replace("×", "x")
        return "".join(char for char in composed if char.isalnum())

    assert said(gsm_safe(text)) == said(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("1\u202f240,50\u00a0€", "1 240,50 €"),
        ("„Acme“ – ‘due’…", "\"Acme\" - 'due'..."),
        ("«Acme»", '"Acme"'),
        ("\u22123 days", "-3 days"),
        ("\u2066INV-1042\u2069 is due", "INV-1042 is due"),
        ("zero\u200bwidth", "zerowidth"),
        ("cafe\u0301", "café"),
        ("plain", "plain"),
    ],
)
def test_typography_becomes_plain(text: str, folded: str) -> None:
    assert gsm_safe(text) == folded


@pytest.mark.parametrize(
    "text",
    [
        "Jūsų sąskaita – 12,50 €",
        "שלום – דנה",
        "François – 12 €",
        "“á”",
        "…" * 70,  # would be 210 septets, two segments instead of one
    ],
)
def test_a_text_that_needs_ucs_2_all_the_same_stays_untouched(text: str) -> None:
    assert gsm_safe(text) == text


def test_the_alphabet_is_that_of_the_recorded_table(vectors: Path) -> None:
    """Unicode's table and the carriers disagree on one place, 0x09.

    Unicode prints a small c with cedilla, 3GPP's glyph is the capital, and Twilio's tests
    take the small one for UCS-2. We follow 3GPP. 0x1B is the escape, no character.
    """
    table = json.loads((vectors / "sms" / "gsm0338.json").read_text("utf-8"))
    basic = {row["char"] for row in table["basic"]} - {"ç", "\u00a0"} | {"Ç"}
    extension = {row["char"] for row in table["extension"]}

    encodable = {chr(point) for point in range(0x10000) if measure(chr(point)).encoding is GSM}

    assert encodable == basic | extension
    assert {char for char in encodable if measure(char).units == 2} == extension


def test_sizes_are_those_that_other_projects_assert(vectors: Path) -> None:
    """Two of 57 disagree, both where split-sms was told which alphabet to use.

    Forced to GSM-7 it counts a whale as one septet, because it sends "?" in its place; we
    count what is written. Forced to UCS-2 it keeps that for the empty text.
    """
    disagree = {
        "split-sms:gsm:09:Split 160 surrogate-pairs character message",
        "split-sms:unicode:09:Split empty message",
    }
    cases = _cases(vectors, "segment_count_cases.json")

    differing = {case["id"] for case in cases if not _agrees(case["text"], case["expect"])}

    assert differing == disagree
    assert len(cases) > 50


def test_sizes_are_those_of_twilios_calculator(vectors: Path) -> None:
    cases = _cases(vectors, "segment_oracle_twilio_calculator.json")
    bits = {GSM: 7, UCS: 16}

    for case in cases:
        if case["smart_encoding"]:
            continue  # counted after Twilio's own replacements, which are not ours
        size = measure(case["text"])
        found = (size.encoding, size.segments, size.units * bits[size.encoding])
        assert found == (case["encoding"], case["segments"], case["message_size_bits"]), case["id"]
    assert len(cases) > 200


def test_our_folding_is_more_careful_than_twilios_and_never_less(vectors: Path) -> None:
    """What we replace, Twilio's Smart Encoding mostly replaces too; not the reverse.

    Theirs also turns ½ into 1/2 and small capitals into capitals, and makes two spaces of a
    no-break space. Where both replace, the result differs in white
    space, in single low quotes (theirs a comma), in guillemets (theirs a less-than sign) and
    in bullets (theirs a dash, which before an amount reads as a minus).
    """
    theirs = {row["from"]: row["to"] for row in _rows(vectors)}
    both = {char: gsm_safe(char) for char in theirs if gsm_safe(char) != char}

    different = {char for char in both if both[char].split() != theirs[char].split()}

    assert different == set("‚‹›•")
    assert len(both) > 30


def _agrees(text: str, expect: dict[str, Any]) -> bool:
    size = measure(text)
    is_gsm = size.encoding is GSM
    measured = {
        "encodingName": size.encoding,
        "segmentsCount": size.segments,
        "units": size.units,
        "messageSize": size.units * (7 if is_gsm else 16),
        "totalBytes": size.units * (1 if is_gsm else 2),
    }
    return all(expect.get(name, value) == value for name, value in measured.items())


def _cases(vectors: Path, name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((vectors / "sms" / name).read_text("utf-8"))["cases"]
    return cases


def _rows(vectors: Path) -> list[dict[str, str]]:
    text = (vectors / "sms" / "twilio_smart_encoding_map.json").read_text("utf-8")
    rows: list[dict[str, str]] = json.loads(text)["map"]
    return rows


def _widths(text: str, encoding: SmsEncoding) -> list[int]:
    if encoding is GSM:
        return [2 if char in EXTENSION else 1 for char in text]
    return [2 if ord(char) > 0xFFFF else 1 for char in text]


def _packed(text: str, encoding: SmsEncoding) -> int:
    widths = _widths(text, encoding)
    single, part = (160, 153) if encoding is GSM else (70, 67)
    if sum(widths) <= single:
        return 1
    parts, room = 1, part
    for width in widths:
        if width > room:
            parts, room = parts + 1, part
        room -= width
    return parts


@given(
    st.text(alphabet=st.one_of(st.sampled_from("a€ąé„“\u00a0–₪ç😀א"), st.characters()), max_size=80)
)
def test_what_makes_a_text_dear_is_named_and_nothing_else(text: str) -> None:
    found = costly(text)
    assert (found == ()) is (measure(text).encoding is GSM)
    assert sorted(at for one in found for at in one.at) == [
        at for at, char in enumerate(text) if measure(char).encoding is UCS
    ]
    assert all(text[at] == one.char for one in found for at in one.at)


@given(st.text(alphabet="a €„“\u00a0–₪çąč…", max_size=60))
def test_a_plain_one_that_is_offered_is_plain(text: str) -> None:
    for one in costly(text):
        assert one.plain is not None
        assert measure(one.plain).encoding is GSM
        text = text.replace(one.char, one.plain)
    assert measure(text).encoding is GSM


def test_what_is_dear_has_its_name_in_unicode() -> None:
    (sheqel, space, aleph) = costly("5 ₪\u00a0א")
    assert (sheqel.name, sheqel.plain) == ("U+20AA NEW SHEQEL SIGN", "ILS")
    assert (space.name, space.plain) == ("U+00A0 NO-BREAK SPACE", " ")
    assert (aleph.name, aleph.plain) == ("U+05D0 HEBREW LETTER ALEF", None)


def test_what_takes_the_room_of_two_is_told_once() -> None:
    assert counted_double("5 € [7 €]") == ("€", "[", "]")
