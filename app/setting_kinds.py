"""What several settings may be: secrets and origins. Each kind says what is wrong with a value."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

SECRET_BYTES: Final = 32


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value().encode()) < SECRET_BYTES:
        raise ValueError(f"it has fewer than {SECRET_BYTES} bytes")
    return value


def _long_enough_if_given(value: SecretStr) -> SecretStr:
    return _long_enough(value) if value.get_secret_value() else value


def _is_a_plain_origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it is not an address such as https://pay.example.com")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("it may not hold a user, a query or a fragment")
    return value.rstrip("/")


def _is_a_plain_origin_if_given(value: str) -> str:
    return _is_a_plain_origin(value) if value else value


Secret = Annotated[SecretStr, AfterValidator(_long_enough)]
SecretIfAny = Annotated[SecretStr, AfterValidator(_long_enough_if_given)]
Origin = Annotated[str, AfterValidator(_is_a_plain_origin)]
OriginIfAny = Annotated[str, AfterValidator(_is_a_plain_origin_if_given)]
