"""What a draft holds: a journey is one file, a template one file a language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from app.store.publishing import content_hash

Files = Mapping[str, str]
"""Texts by the names of their files: `consumer_gentle.yaml`, or `en.yaml`, `he.yaml` and so on."""


class Kind(StrEnum):
    """What is drafted."""

    JOURNEY = "journey"
    TEMPLATE = "template"


def packed(files: Files) -> str:
    """The files as one text, the same for the same files. Lines end as on one system."""
    plain = {name: _unix(text) for name, text in files.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unpacked(content: str) -> dict[str, str]:
    """The files of `packed`."""
    return dict(json.loads(content))


def hash_of(files: Files) -> str:
    """What an approval is bound to."""
    return content_hash(packed(files))


def journey_file(name: str) -> str:
    """The name of a journey's one file."""
    return f"{name}.yaml"


def _unix(text: str) -> str:
    """Browsers send forms with the line ends of another system."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
