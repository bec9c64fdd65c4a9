"""What the container files name is there. They are read here, and not built."""

import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from app.settings import read_settings
from tests.house.test_docs import ensure_command, known_settings
from tests.house.tree import ROOT, files

CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
COMPOSE: Mapping[str, Any] = YAML(typ="safe", pure=True).load(ROOT / "compose.yaml")
OURS = {name: each for name, each in COMPOSE["services"].items() if name != "database"}


def test_every_image_has_a_version() -> None:
    images = [service["image"] for service in COMPOSE["services"].values()]
    images += re.findall(r"^ARG BASE=(\S+)$", CONTAINERFILE, re.M)

    assert images
    for image in images:
        assert re.fullmatch(r"[a-z]+:[0-9][\w.-]*", image), image
    assert set(re.findall(r"^FROM (\S+)", CONTAINERFILE, re.M)) == {"${BASE}"}


def test_every_command_exists() -> None:
    assert re.search(r'^ENTRYPOINT \["duly"\]$', CONTAINERFILE, re.M)
    for service in OURS.values():
        ensure_command([word for word in service["command"] if not word.startswith("-")])


def test_every_setting_exists() -> None:
    named = set(re.findall(r"\bDULY_[A-Z_]+", CONTAINERFILE))
    for service in OURS.values():
        named |= {name for name in service["environment"] if name.startswith("DULY_")}

    assert named - known_settings() == set()


def test_the_rehearsal_starts_as_it_stands() -> None:
    """Production refuses what only a demo may use; the secrets are whatever their files hold."""
    given = {
        name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        for name, value in OURS["web"]["environment"].items()
        if name.startswith("DULY_")
    }
    for name in [name for name in given if name.endswith("_FILE")]:
        del given[name]
        given[name.removesuffix("_FILE")] = "a-secret-of-more-than-thirty-two-bytes"
    given["DULY_DATABASE_URL"] = "postgresql+psycopg://duly@database/duly"

    settings = read_settings(given)

    assert settings.environment == "production"
    assert settings.sends_nothing


def test_what_is_copied_exists_and_is_let_through() -> None:
    let_through = re.findall(r"^!(.+)$", (ROOT / ".containerignore").read_text("utf-8"), re.M)
    copied: set[str] = set()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.M):
        copied |= set(sources.split())

    assert copied == set(let_through)
    assert copied <= {path.parts[0] for path in files()}


def test_health_is_asked_where_it_is_told() -> None:
    asked = re.findall(r"127\.0\.0\.1:8000(/\w+)", f"{CONTAINERFILE}{COMPOSE}")

    assert set(asked) == {"/healthz", "/readyz"}


def test_nothing_of_ours_runs_as_root_or_writes_where_it_should_not() -> None:
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", CONTAINERFILE, re.M)
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True
    for service in OURS.values():
        assert service["cap_drop"] == ["ALL"]


def test_every_secret_is_made_as_the_page_says() -> None:
    page = (ROOT / "docs" / "production.md").read_text("utf-8")
    for secret in COMPOSE["secrets"].values():
        assert f"> {secret['file']}\n" in page
