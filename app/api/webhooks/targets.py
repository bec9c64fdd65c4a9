"""Which addresses may be called: public ones. Nobody uses us to reach into our own network.

Checked when an endpoint is made, and again at each call, on the address that its name leads to: a
name may lead elsewhere tomorrow.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

LONGEST_URL: Final = 500
_HOLDS_VERSION_4: Final = (ip_network("64:ff9b::/96"), ip_network("::/96"))  # RFC 6052, RFC 4291


class TargetRefused(ValueError):
    """An address that is not called. Says why."""


def ensure_target(url: str, *, local: bool = False) -> None:
    """Raises `TargetRefused` for what is no public https address, as far as it can be told without
    asking for the name. `local` lets this machine's own addresses pass: for development."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise TargetRefused("is no address") from None
    if len(url) > LONGEST_URL or not host or not url.isascii():
        raise TargetRefused("is no address")
    if parts.username or parts.fragment:
        raise TargetRefused("may not hold a user or a fragment")
    is_local = local and _is_this_machine(host)
    if parts.scheme != "https" and not (is_local and parts.scheme == "http"):
        raise TargetRefused("does not begin with https://")
    if not is_local and (_is_this_machine(host) or _is_private(host)):
        raise TargetRefused("is not public")


class PublicResolver(AbstractResolver):
    """Finds the addresses of a name, and only public ones. `local` as above."""

    def __init__(self, *, local: bool = False) -> None:
        self._local = local
        self._inner: ThreadedResolver | None = None  # lives on the loop that it is first used on

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if self._inner is None:
            self._inner = ThreadedResolver()
        found = await self._inner.resolve(host, port, family)
        if self._local and _is_this_machine(host):
            return found
        public = [each for each in found if not _is_private(each["host"])]
        if not public:
            raise OSError("the name leads to no public address")
        return public

    async def close(self) -> None:
        if self._inner is not None:
            await self._inner.close()


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_private(host: str) -> bool:
    """Whether it is an address in numbers that is not public. A name is none."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        # Numbers in other dresses (0x7f.1, 2130706433) reach the same places.
        return host.rsplit(".", 1)[-1][:1].isdigit() or host.lower().startswith("0x")
    return any(not each.is_global or each.is_multicast for each in _reached(address))


def _reached(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, and any of version 4 that it is a tunnel to."""
    yield address
    if isinstance(address, IPv6Address):
        tunnelled = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
        yield from (each for each in tunnelled if each is not None)
        if any(address in network for network in _HOLDS_VERSION_4):
            yield IPv4Address(int(address) & 0xFFFFFFFF)
