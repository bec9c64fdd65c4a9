"""What a browser is called by people: "Firefox, Android"."""

from __future__ import annotations

from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""By what stands in its own name of itself. Many claim to be others too: the first that fits."""
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(name: str) -> str:
    """Browser and system of a user agent's name; the name itself where neither is known."""
    found = [_first(name, _BROWSERS), _first(name, _SYSTEMS)]
    return ", ".join(filter(None, found)) or name


def _first(name: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((shown for mark, shown in known if mark in name), "")
