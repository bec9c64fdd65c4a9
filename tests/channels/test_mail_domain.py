"""What DNS says of a domain: the three that mailbox providers ask for, or a sentence for each."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset
import pytest

from channels.mail_domain import NoDns, check_domain, dns_lookup

GOOD: dict[str, list[str]] = {
    "acme.example": ["google-site-verification=1", "v=spf1 include:relay.example -all"],
    "s1._domainkey.acme.example": ["v=DKIM1; k=rsa; p=MIGf"],
    "_dmarc.acme.example": ["v=DMARC1; p=none; rua=mailto:d@acme.example"],
}


def problems(zone: dict[str, list[str]], *, domain: str = "acme.example") -> Sequence[str]:
    return check_domain(domain, ["s2", "s1"], lambda name: zone.get(name, [])).problems


def test_a_domain_with_all_three_is_well() -> None:
    assert check_domain("acme.example", ["s1"], lambda name: GOOD.get(name, [])).is_well


@pytest.mark.parametrize(
    ("name", "records", "word"),
    [
        ("acme.example", [], "no SPF record"),
        ("acme.example", ["v=spf1 -all", "v=spf1 ~all"], "2 SPF records"),
        ("acme.example", ["v=spf1 +all"], "lets anybody send"),
        ("acme.example", ["v=spf10 -all"], "no SPF record"),
        ("s1._domainkey.acme.example", [], "no DKIM key under s2, s1"),
        ("s1._domainkey.acme.example", ["v=DKIM1; p="], "no DKIM key"),
        ("_dmarc.acme.example", [], "no DMARC record"),
        ("_dmarc.acme.example", ["v=DMARC1"], "has no policy"),
        ("_dmarc.acme.example", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "2 DMARC records"),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence(name: str, records: list[str], word: str) -> None:
    (problem,) = problems({**GOOD, name: records})

    assert word in problem


def test_a_subdomain_stands_under_the_record_of_its_organisation() -> None:
    zone = {
        "pay.acme.example": ["v=spf1 -all"],
        "s1._domainkey.pay.acme.example": ["p=MIGf"],
        "_dmarc.acme.example": ["v=DMARC1; p=reject"],
    }

    assert problems(zone, domain="pay.acme.example") == ()


def test_a_selector_that_nobody_named_is_asked_for() -> None:
    (problem,) = check_domain("acme.example", [], lambda name: GOOD.get(name, [])).problems

    assert "name its selector" in problem


def test_names_are_looked_up_in_dns_and_long_records_are_whole() -> None:
    key = "v=DKIM1; p=" + "A" * 400
    with name_server({"s1._domainkey.acme.example": [key], "acme.example": ["v=spf1 -all"]}) as at:
        lookup = dns_lookup(server=at)

        assert lookup("s1._domainkey.acme.example") == [key]
        assert lookup("acme.example") == ["v=spf1 -all"]
        assert lookup("_dmarc.acme.example") == []


def test_without_a_name_server_nothing_is_known() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        lookup = dns_lookup(server=mute.getsockname(), within=0.2)

        with pytest.raises(NoDns):
            check_domain("acme.example", ["s1"], lookup)


@contextmanager
def name_server(zone: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Answers for these names, on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_answer, args=(asked, zone))
        thread.start()
        try:
            yield asked.getsockname()
        finally:
            asked.sendto(b"", asked.getsockname())
            thread.join()


def _answer(asked: socket.socket, zone: Mapping[str, Sequence[str]]) -> None:
    while True:
        query, caller = asked.recvfrom(4096)
        if not query:
            return
        request = dns.message.from_wire(query)
        name = request.question[0].name
        response = dns.message.make_response(request)
        records = zone.get(name.to_text(omit_final_dot=True), [])
        if not records:
            response.set_rcode(dns.rcode.NXDOMAIN)
        for record in records:
            parts = [f'"{record[at : at + 250]}"' for at in range(0, len(record), 250)]
            found = dns.rrset.from_text(name, 60, "IN", "TXT", " ".join(parts))
            response.answer.append(found)
        asked.sendto(response.to_wire(), caller)
