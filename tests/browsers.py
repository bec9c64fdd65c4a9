"""A real browser for the tests that press what people press."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

__all__ = ["chromium", "with_chromium"]

CHROMIUM = shutil.which("chromium")
# A person's: the pages take no form from what calls itself headless.
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
    " Safari/537.36"
)

with_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Opens Debian's Chromium. While it is open, it keeps a loop of its own on this thread:
    nothing else here may run one."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage", f"--user-agent={AGENT}"],
        )
        yield opened
        opened.close()
