"""Roles grant rights, and nothing else does."""

from __future__ import annotations

import pytest

from app.staff.roles import GRANTED, Right, Role, UnknownRole, kept_roles, read_roles, rights_of


def test_every_role_may_look_and_no_role_nothing() -> None:
    assert GRANTED.keys() == set(Role)
    assert all(Right.LOOK in rights for rights in GRANTED.values())
    assert rights_of(()) == frozenset()


def test_only_an_admin_runs_the_house() -> None:
    assert [role for role, rights in GRANTED.items() if Right.RUN in rights] == [Role.ADMIN]
    assert rights_of([Role.ADMIN]) == frozenset(Right)


def test_roles_add_up() -> None:
    both = rights_of([Role.AGENT, Role.DESIGNER])

    assert both == {Right.LOOK, Right.ACT, Right.DESIGN}


def test_words_are_read_and_others_refused_with_what_there_is() -> None:
    assert read_roles(["Agent", " viewer "]) == {Role.AGENT, Role.VIEWER}
    with pytest.raises(UnknownRole, match="'boss' is no role; there are viewer, agent"):
        read_roles(["boss"])


def test_a_role_of_a_later_version_grants_nothing() -> None:
    assert kept_roles(["agent", "emperor"]) == {Role.AGENT}
