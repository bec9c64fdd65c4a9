"""The integrator's page names every key that a mapping may hold, in its own section."""

import re

import pytest

from app.book.mapping.keys import (
    CONSENT_KEYS,
    CONTACT_KEYS,
    CREDITOR_KEYS,
    CUSTOM_TYPES,
    FIELDS,
    FILE_KEYS,
    ONLY_KEYS,
    SECTIONS,
    SOURCE_KEYS,
)
from app.book.mapping.source import read_mapping
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "importing.md").read_text("utf-8")
KEYS = {
    "only": ONLY_KEYS,
    "creditor": CREDITOR_KEYS,
    "file": FILE_KEYS,
    "contacts": CONTACT_KEYS,
    "consents": CONSENT_KEYS,
    **{section: tuple(fields) for section, fields in FIELDS.items()},
}


def part(heading: str) -> str:
    """From a heading to the next one."""
    return re.split(r"^#", PAGE.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("section", sorted({*SECTIONS, *KEYS}))
def test_every_section_is_explained(section: str) -> None:
    assert part(f"### `{section}`").strip()


@pytest.mark.parametrize("section", sorted(KEYS))
def test_every_key_has_its_line(section: str) -> None:
    explained = re.findall(r"^\| `(\w+)` \|", part(f"### `{section}`"), flags=re.MULTILINE)

    assert sorted(explained) == sorted(KEYS[section])


def test_every_way_to_a_value_is_explained() -> None:
    section = part("## Where a value comes from")

    assert re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE) == list(SOURCE_KEYS)


def test_every_type_of_attribute_is_named() -> None:
    assert all(f"`{name}`" in part("### `custom`") for name in CUSTOM_TYPES)


def test_the_mappings_on_the_page_are_sound() -> None:
    whole, several = (
        re.search(rf"```yaml\n({start}.*?)```", PAGE, flags=re.DOTALL)
        for start in ("schema", "files")
    )
    assert whole is not None
    assert several is not None

    top = whole[1].partition("\ncustomer:")[0]

    assert read_mapping(whole[1], "page").creditor.external_id == "northwind"
    assert len(read_mapping(f"{top}\n{several[1]}", "page").parts) == 4
