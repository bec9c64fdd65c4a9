"""What is wrong with a mapping is told all at once, with its place and what to write instead."""

from pathlib import Path

import pytest

from app.book.errors import FeedError, MappingError
from app.book.mapping.source import load_mapping, read_mapping
from tests.app.book.feeds import CONTACTS, MAPPING, SETTLEMENT


def test_a_sound_mapping_is_read() -> None:
    mapping = read_mapping(MAPPING + CONTACTS + SETTLEMENT, "m.yaml")

    assert mapping.creditor.external_id == "north"
    (part,) = mapping.parts
    assert part.fields["invoice"]["amount"].column == "amount"
    media = [point.media for contact in part.contacts for point in contact.points]
    assert media == [("sms", "whatsapp"), ("email",)]
    assert mapping.hash == read_mapping(MAPPING + CONTACTS + SETTLEMENT, "other.yaml").hash


def test_everything_that_is_wrong_is_told_at_once() -> None:
    broken = (
        MAPPING.replace("country: IL", "country: LI2")
        .replace("zone: Asia/Jerusalem", "zone: Asia/Jerusalm")
        .replace("currency: ILS", "currency: ISL")
        .replace("  due_on: due\n", "  due_onn: due\n  debt_class: { value: consumr }\n")
        + 'file: { dates: ["%d/%m"], decimal: ";" }\n'
        + "setlement: {}\n"
    )

    with pytest.raises(MappingError) as caught:
        read_mapping(broken, "m.yaml")

    found = [str(finding) for finding in caught.value.findings]
    for expected in [
        "m.yaml:5:12: `country`: `LI2` is no known country.",
        "m.yaml:6:9: `zone`: `Asia/Jerusalm` is no known zone. Did you mean `Asia/Jerusalem`?",
        "m.yaml:8:13: `currency`: `ISL` is no known currency. Did you mean",
        "m.yaml:15:3: `invoice` has no key `due_onn`. Did you mean `due_on`?",
        "`invoice` has no `due_on`. Add `due_on:` and its column.",
        "`debt_class`: `consumr` is no known debt class: consumer, commercial. Did you mean"
        " `consumer`?",
        "`%d/%m` does not hold a whole date.",
        "`decimal` cannot be `;`.",
        "a mapping has no key `setlement`. Did you mean `settlement`?",
    ]:
        assert any(expected in finding for finding in found), (expected, found)
    assert found == sorted(found, key=lambda text: int(text.split(":")[1]))


@pytest.mark.parametrize(
    ("addition", "words"),
    [
        ('file: { dates: ["%d/%m/%Y", "%m/%d/%Y"] }\n', "read the same text as different days"),
        ('file: { decimal: ",", thousands: "," }\n', "decimal and thousands are one sign"),
        ("file: { encoding: utf-9 }\n", "there is no encoding `utf-9`"),
        ("contacts: [{ region: p }]\n", "a contact has no `phone` and no `email`"),
        ("contacts: [{ email: e, media: [sms] }]\n", "`sms` does not reach a email"),
        ("consents: [{ medium: sms, source: x, method: y }]\n", "a consent has no `given`"),
        ("custom: { Tier: { column: a, type: text } }\n", "`Tier` cannot name an attribute"),
        ("custom: { tier: { column: a, type: txt } }\n", "Did you mean `text`?"),
        ("custom: { tier: { type: text } }\n", "needs a `column` or a `value`"),
        ("settlement: { method: a }\n", "`settlement` tells nothing"),
        ("dispute: { disputed: { column: a, map: { J: ja } } }\n", "`ja` is no known flag"),
    ],
)
def test_a_faulty_part_is_named(addition: str, words: str) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(MAPPING + addition, "m.yaml")

    assert words in str(caught.value)
    assert len(caught.value.findings) == 1


@pytest.mark.parametrize("text", ["", "- a\n", "a: [\n", "schema: duly-mapping/1\n"])
def test_a_text_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(MappingError):
        read_mapping(text, "m.yaml")


def test_a_mapping_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"

    with pytest.raises(FeedError, match="cannot be opened"):
        load_mapping(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(FeedError, match="not UTF-8"):
        load_mapping(path)
