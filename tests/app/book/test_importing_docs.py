"""The integrator's page names every key that a mapping may hold, in its own section."""

import re

import pytest

from app.book.mapping import (
    CONSENT_KEYS,
    CREDITOR_KEYS,
    CUSTOM_TYPES,
    FIELDS,
    FILE_KEYS,
    POINT_KEYS,
    SECTIONS,
    SOURCE_KEYS,
)
from app.book.mapping_source import read_mapping
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "importing.md").read_text("utf-8")
KEYS = {
    "creditor": CREDITOR_KEYS,
    "file": FILE_KEYS,
    "contacts": POINT_KEYS,
    "consents": CONSENT_KEYS,
    **{section: tuple(fields) for section, fields in FIELDS.items()},
}


def part(heading: str) -> str:
    """From a heading to the next one."""
    return re.split(r"^#", PAGE.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("section", SECTIONS)
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


def test_the_mapping_on_the_page_is_sound() -> None:
    shown = re.findall(r"```yaml\n(schema.*?)```", PAGE, flags=re.DOTALL)

    assert len(shown) == 1
    assert read_mapping(shown[0], "page").creditor.external_id == "northwind"
