"""One story for all tests of a process: starting it over takes no time, making it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from app.lab.stage import heroine
from app.lab.stage.line import Line
from app.lab.stage.story import Story
from app.lab.stage.timeline import lines
from app.lab.stage.voice import Voice
from app.settings import Settings

TODAY = date(2026, 11, 28)  # a Saturday: the story begins on Friday, 4 December
ENGLISH = Voice("en", heroine.ZONE)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    settings = Settings(base_url="http://127.0.0.1", log_level="warning")
    story = Story(tmp_path_factory.mktemp("stage") / "story", TODAY, settings)
    yield story
    story.close()


@pytest.fixture
def story(made: Story) -> Story:
    """The story in its beginning: Friday noon, five days before the due date."""
    made.start_over()
    return made


def told(story: Story) -> list[Line]:
    """Her timeline in the order of happening."""
    return lines(story.history(), ENGLISH)[::-1]


def news(story: Story) -> list[str]:
    """What the last press brought, without the marks that keep directions apart."""
    return [plain(line.what) for line in told(story) if story.is_fresh(line)]


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")
