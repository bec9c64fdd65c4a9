"""`duly creditor`: the logo and the colour of its pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor
from tests.world import World

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def carmel(migrated_url: str) -> None:
    world = World(migrated_url)
    creditor(world)
    world.close()


@pytest.mark.usefixtures("carmel")
def test_a_logo_is_shown_and_taken_away(with_database: Duly, tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 120), "white")
    ImageDraw.Draw(picture).ellipse((20, 20, 100, 100), fill="#0b6e8f")
    picture.save(tmp_path / "logo.png")

    shown = with_database("creditor", "logo", "carmel", str(tmp_path / "logo.png"))
    removed = with_database("creditor", "logo", "carmel", "--remove")

    assert "Noted. Pages show it from now on: 320 by 96 pixels" in shown.err
    assert (shown.code, removed.code) == (0, 0)
    assert "first letter" in removed.err


@pytest.mark.usefixtures("carmel")
def test_what_cannot_be_the_logo_is_refused(with_database: Duly, tmp_path: Path) -> None:
    vectors = tmp_path / "logo.svg"
    vectors.write_text("<svg/>", encoding="utf-8")

    for arguments, why in (
        (("carmel", str(vectors)), "save it as PNG"),
        (("carmel", str(tmp_path / "none.png")), "cannot be read: No such file"),
        (("carmel",), "Name a picture, or say --remove."),
        (("nobody", "--remove"), "There is no creditor nobody"),
    ):
        ended = with_database("creditor", "logo", *arguments)
        assert ended.code != 0
        assert why in ended.err.replace("\n", " ")


@pytest.mark.usefixtures("carmel")
def test_the_contrast_of_a_colour_is_told_when_it_is_saved(with_database: Duly) -> None:
    pale = with_database("creditor", "set", "carmel", "colour=#ffd400")
    assert pale.code == 0
    assert "contrast of 1.4 to 1, and text needs 4.5 to 1" in pale.err.replace("\n", " ")
    fine = with_database("creditor", "set", "carmel", "colour=#0b6e8f")
    assert "contrast" not in fine.err
    wrong = with_database("creditor", "set", "carmel", "colour=blue")
    assert wrong.code == 2
    assert "written #rrggbb" in wrong.err.replace("\n", " ")
