"""Every room as its reader finds it: no fault for axe, nothing wider than the screen."""

from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from app.console.rooms import ROOMS
from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, DESK, PHONE, sits
from tests.app.console.team import Team

pytestmark = BROWSING

LOOKS = list(product(("en", "he", "ar", "lt"), ("light", "dark"), (DESK, PHONE)))


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_every_room_is_accessible_while_it_is_empty(
    browser: Browser,
    team: Team,
    language: str,
    scheme: Literal["light", "dark"],
    width: int,
    tmp_path: Path,
) -> None:
    seat = team.seat(Role.ADMIN, name="Noa Levi", language=language)
    with sits(browser, team, seat, language=language, width=width, scheme=scheme) as desk:
        for room in ROOMS:
            desk.goes(room.path)
            desk.checks(tmp_path, f"{room.name}-empty-{width}-{scheme}")
