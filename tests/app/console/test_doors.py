"""Every route of the console, walked as everybody: each lets in whom it says, and nobody else.

It knows the routes from the app itself, so a new room is walked without a word here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.console.door import KEY_FIELD, Asks
from app.console.notices import PATH
from app.staff.roles import Role, rights_of
from app.store.bulk import update_rows
from app.store.given import table_of
from app.store.rows import ActLine, StaffUser
from tests.app.console.team import Team
from tests.app.web.people import ORIGIN

OPEN: Final = {"/sign-in", "/sign-in/code", "/welcome/{token}"}
"""What is for those who are not signed in yet."""
ENDLESS: Final[set[str]] = set()
"""What tells as long as somebody listens: asked of those alone who may not."""
_LINE = table_of(ActLine)
_BLANK: Final = re.compile(r"\{[^}]+\}")


@dataclass(frozen=True)
class Door:
    """One route by one method, and what it asks for: None where it asks nothing."""

    method: str
    pattern: str
    asks: tuple[Asks, ...]

    @property
    def path(self) -> str:
        """With 1 for whatever it names: in an empty house hardly anything has that number."""
        return PATH + _BLANK.sub("1", self.pattern)

    def __str__(self) -> str:
        return f"{self.method} {self.pattern}"

    def is_for(self, *roles: Role) -> bool:
        return all(asked.right in rights_of(roles) for asked in self.asks)


def doors(team: Team) -> Iterator[Door]:
    for route in iter_route_contexts(team.console.routes):
        needs = [each.call for each in route.dependant.dependencies]
        asks = tuple(call.asks for call in needs if hasattr(call, "asks"))
        for method in sorted(route.methods or ()):
            yield Door(method, str(route.path), asks)


def guarded(team: Team) -> list[Door]:
    return [door for door in doors(team) if door.pattern not in OPEN]


def lines(team: Team) -> int:
    with team.database.read() as session:
        return int(session.connection().scalar(select(func.count()).select_from(_LINE)) or 0)


def ask(browser: TestClient, door: Door, key: str = "") -> tuple[int, str]:
    answer = browser.request(
        door.method, door.path, data={KEY_FIELD: key} if door.method == "POST" else None
    )
    return answer.status_code, answer.headers.get("location", "")


def test_every_route_asks_for_one_right(team: Team) -> None:
    walked = list(doors(team))

    assert {str(door) for door in walked if len(door.asks) != 1} == {
        str(door) for door in walked if door.pattern in OPEN
    }
    assert {door.pattern for door in walked} >= OPEN
    assert {door.method for door in walked} == {"GET", "POST"}
    assert not any(asked.writes for door in walked if door.method == "GET" for asked in door.asks)
    assert len(walked) > 30


def test_who_is_not_signed_in_is_led_to_the_sign_in(team: Team) -> None:
    stranger = TestClient(team.app, base_url=ORIGIN, follow_redirects=False)

    for door in guarded(team):
        status, place = ask(stranger, door)
        assert (status, place.partition("?")[0]) == (303, f"{PATH}/sign-in"), door
    assert lines(team) == 0


@pytest.mark.parametrize("role", list(Role))
def test_a_role_comes_in_where_it_may_and_nowhere_else(team: Team, role: Role) -> None:
    seat = team.seat(role)

    for door in guarded(team):
        if not door.is_for(role):
            assert ask(seat.browser, door, seat.key)[0] == 403, door
        elif door.method == "GET" and door.pattern not in ENDLESS:
            status, place = ask(seat.browser, door)
            assert status < 500, door
            assert status != 403, door
            assert not place.startswith(f"{PATH}/sign-in"), door
    assert lines(team) == 0


def test_who_has_no_role_comes_in_nowhere(team: Team) -> None:
    seat = team.seat()

    assert {ask(seat.browser, door, seat.key)[0] for door in guarded(team)} == {403}


def test_no_form_is_taken_without_the_key_of_its_session(team: Team) -> None:
    seat, other = team.seat(Role.ADMIN), team.seat(Role.ADMIN)

    for door in guarded(team):
        if door.method == "POST":
            assert ask(seat.browser, door)[0] == 409, door
            assert ask(seat.browser, door, other.key)[0] == 409, door
    assert lines(team) == 0


def test_what_is_done_is_on_record_and_what_is_refused_is_not(team: Team) -> None:
    """Each form is pressed empty, by somebody who may: what goes through leaves a line."""
    done, seat, broken = 0, team.seat(Role.ADMIN), []
    for door in guarded(team):
        if door.method != "POST":
            continue
        before = lines(team)
        status, _ = ask(seat.browser, door, seat.key)
        written = lines(team) - before
        if status >= 500:
            broken.append(str(door))
        if status < 400 and door.asks[0].writes:
            assert written >= 1, door
            done, seat = done + 1, team.seat(Role.ADMIN)  # it may have signed itself out
        else:
            assert written == 0, door
    assert broken == []
    assert done >= 3


def test_who_is_kept_out_comes_in_nowhere(team: Team) -> None:
    seat, admin = team.seat(Role.ADMIN), team.seat(Role.ADMIN)
    with team.database.write() as session:
        update_rows(session, StaffUser, [{"id": admin.user_id, "password": "x"}])
    admin.does(f"/console/users/{seat.user_id}/disable")

    assert {ask(seat.browser, door, seat.key)[0] for door in guarded(team)} == {303}
