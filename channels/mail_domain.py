"""What DNS says of a domain that mails are from: SPF, DKIM and DMARC. The lookup is handed in.

Mailbox providers refuse bulk mail without all three. A finding is a sentence for whoever keeps the
zone; what is well has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from channels.problems import Problem, problem

Lookup = Callable[[str], Sequence[str]]
"""The TXT records at a name, aliases followed; empty for none. Raises `NoDns`."""

_ANYBODY: Final = ("+all", "all")


class NoDns(Exception):
    """Nobody answered: nothing is known of the domain."""


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """What was found: one sentence for each thing that is wrong."""

    domain: str
    problems: tuple[Problem, ...]

    @property
    def is_well(self) -> bool:
        return not self.problems


def check_domain(domain: str, selectors: Sequence[str], lookup: Lookup) -> DomainCheck:
    """Asks for the three. `selectors` are where its DKIM keys stand, in any one of them.

    Raises NoDns where nobody answers.
    """
    found = (_spf(domain, lookup), _dkim(domain, selectors, lookup), _dmarc(domain, lookup))
    return DomainCheck(domain, tuple(each for each in found if each))


def _spf(domain: str, lookup: Lookup) -> Problem | None:
    records = [text for text in lookup(domain) if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        return problem(
            "%(domain)s has no SPF record: publish the one that your provider names", domain=domain
        )
    if len(records) > 1:
        return problem(
            "%(domain)s has %(count)s SPF records, so none of them counts: keep one",
            domain=domain,
            count=len(records),
        )
    if records[0].lower().split()[-1] in _ANYBODY:
        return problem(
            "the SPF record of %(domain)s lets anybody send: end it with -all or ~all",
            domain=domain,
        )
    return None


def _dkim(domain: str, selectors: Sequence[str], lookup: Lookup) -> Problem | None:
    if not selectors:
        return problem(
            "where the DKIM key of %(domain)s stands is not known: name its selector", domain=domain
        )
    for selector in selectors:
        for text in lookup(f"{selector}._domainkey.{domain}"):
            if _tags(text).get("p"):
                return None
    return problem(
        "%(domain)s has no DKIM key under %(selectors)s: publish what your provider shows",
        domain=domain,
        selectors=", ".join(selectors),
    )


def _dmarc(domain: str, lookup: Lookup) -> Problem | None:
    for name in _itself_and_above(domain):
        records = [text for text in lookup(f"_dmarc.{name}") if _tags(text).get("v") == "dmarc1"]
        if len(records) > 1:
            return problem(
                "%(domain)s has %(count)s DMARC records, so none of them counts: keep one",
                domain=name,
                count=len(records),
            )
        if records:
            if _tags(records[0]).get("p") in {"none", "quarantine", "reject"}:
                return None
            return problem(
                "the DMARC record of %(domain)s has no policy: `p=none`, `quarantine` or `reject`",
                domain=name,
            )
    return problem(
        "%(domain)s has no DMARC record: publish `v=DMARC1; p=none` at `_dmarc.%(domain)s`",
        domain=domain,
    )


def _itself_and_above(domain: str) -> Sequence[str]:
    """The organisation's own record stands for its subdomains; a top level has none."""
    labels = domain.split(".")
    return [".".join(labels[at:]) for at in range(max(1, len(labels) - 1))]


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


def takes_mail(domain: str, exchangers: Lookup) -> bool:
    """Whether a host takes mail for it: whether it has an MX record, and not the one that says no
    (RFC 7505). Raises NoDns where nobody answers."""
    return any(name.rstrip(".") for name in exchangers(domain))


def dns_lookup(
    *,
    server: tuple[str, int] | None = None,
    within: float = 5.0,
    kind: Literal["TXT", "MX"] = "TXT",
) -> Lookup:
    """A lookup that asks the system's name servers, or the one at this address. Of kind MX it
    answers the hosts."""
    import dns.exception  # noqa: PLC0415 (only who asks DNS loads it)
    import dns.resolver  # noqa: PLC0415

    def ask(name: str) -> Sequence[str]:
        try:
            resolver = dns.resolver.Resolver(configure=server is None)
            if server is not None:
                resolver.nameservers, resolver.port = [server[0]], server[1]
            answer = resolver.resolve(name, kind, lifetime=within)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as problem:
            raise NoDns(type(problem).__name__) from None
        if kind == "MX":
            return [record.exchange.to_text() for record in answer]
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]

    return ask
