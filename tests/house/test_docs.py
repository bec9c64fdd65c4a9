"""What the pages for operators, contributors and their machines name is there."""

import re

import pytest
import typer

from app.cli import app
from app.settings import SECRETS, Settings
from tests.house.tree import PACKAGES, ROOT

PAGES = ["SECURITY.md", "CONTRIBUTING.md", "docs/production.md"]
_FOLDERS = "|".join((*PACKAGES, "docs", "tests", "requirements"))
_PATH = re.compile(rf"`((?:{_FOLDERS})(?:/[^`<*…]*)?)`|\]\(((?!https?:)[^)#]+)[^)]*\)")
_COMMAND = re.compile(r"\bduly ((?:[a-z]+(?:-[a-z]+)*)(?: [a-z]+(?:-[a-z]+)*)?)")
_SETTING = re.compile(r"\bDULY_[A-Z_]+[A-Z]")


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page: str) -> None:
    folder = (ROOT / page).parent
    for named, linked in _PATH.findall((ROOT / page).read_text("utf-8")):
        assert (ROOT / named if named else folder / linked).exists(), named or linked


@pytest.mark.parametrize("page", PAGES)
def test_every_command_exists(page: str) -> None:
    for words in _COMMAND.findall((ROOT / page).read_text("utf-8")):
        ensure_command(words.split(" "))


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_exists(page: str) -> None:
    named = set(_SETTING.findall((ROOT / page).read_text("utf-8")))

    assert named - known_settings() == set()


def ensure_command(words: list[str]) -> None:
    group = typer.main.get_command(app)
    for word in words:
        if not hasattr(group, "commands"):
            return
        assert word in group.commands, f"there is no command duly {' '.join(words)}"
        group = group.commands[word]


def known_settings() -> set[str]:
    fields = {f"DULY_{name.upper()}" for name in Settings.model_fields}
    return fields | {f"DULY_{name.upper()}_FILE" for name in SECRETS}
