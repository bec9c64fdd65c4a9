"""The files of the repository, as git sees them: committed, or new and not ignored."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("app", "campaigns", "channels", "templates")


def files() -> list[Path]:
    """Paths relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [Path(name) for name in listing.split("\0") if name and (ROOT / name).is_file()]


def modules() -> list[Path]:
    """The Python files of the packages, relative to the root."""
    return [path for path in files() if path.suffix == ".py" and path.parts[0] in PACKAGES]
