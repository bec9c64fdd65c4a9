"""Whose tries are counted together, where wrong ones are: by network, never by customer.

So whoever tries locks nobody out but the network that they try from, and that for minutes.
"""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

from fastapi import Request

from app.web.catalogues import N_

TOO_MANY = N_(
    "There were too many tries from your network. Please wait a few minutes, or open the link in"
    " our message."
)


def network_behind(request: Request) -> str:
    """The network that a call came from, as the proxy tells it."""
    return network_of(request.client.host if request.client else "")


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 line has."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or known.exploded[:19])
