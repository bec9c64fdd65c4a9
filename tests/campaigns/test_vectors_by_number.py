"""The twenty-six test vectors of contact law: each has its tests, in one file."""

import re
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parent.parent
NAMED = re.compile(r"^def test_vectors?_(\d+(?:_and_\d+)?)_", re.MULTILINE)
ALL = frozenset(range(1, 27))


def test_every_vector_is_tested_in_one_file() -> None:
    files: dict[int, set[str]] = defaultdict(set)
    for path in TESTS.rglob("test_*.py"):
        for numbers in NAMED.findall(path.read_text("utf-8")):
            for number in numbers.split("_and_"):
                files[int(number)].add(path.relative_to(TESTS).as_posix())

    assert set(files) == ALL
    assert {number: found for number, found in files.items() if len(found) > 1} == {}
