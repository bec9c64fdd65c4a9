"""What is built is whole: every file of the packages travels in the wheel."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.house.tree import PACKAGES, ROOT, files

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[Path]:
    """The paths inside a wheel built from this tree."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("duly-*.whl")
    with ZipFile(built) as archive:
        return {Path(name) for name in archive.namelist()}


def test_every_file_of_the_packages_is_in_the_wheel(wheel: set[Path]) -> None:
    expected = {path for path in files() if path.parts[0] in PACKAGES}

    assert expected - wheel == set()


def test_the_tests_stay_at_home(wheel: set[Path]) -> None:
    assert {path.parts[0] for path in wheel if ".dist-info" not in path.parts[0]} == set(PACKAGES)
