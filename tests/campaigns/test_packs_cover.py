"""Every rule that is known of stands in a pack, and says how well it is known."""

from datetime import date
from pathlib import Path

import pytest

from campaigns.coverage import KIND_OF, State, cover
from campaigns.duties import Duty, Fee, Interest
from campaigns.packkinds import KINDS
from campaigns.rulehead import Level, Status
from campaigns.vocabulary import DebtClass
from tests.campaigns.policyfacts import SHIPPED

ROOT = Path(__file__).parent.parent.parent
PACK_OF = {rule.id: pack.name for pack in SHIPPED.values() for rule in pack.rules}
ROWS = {rule.id: rule for pack in SHIPPED.values() for rule in pack.rules}

# What was found of contact law and of providers' terms, by pack. Several rows may come of one rule.
US = """
US-REGF-SCOPE US-REGF-HOURS US-REGF-SENTTIME US-REGF-LOCATION US-REGF-INCONV US-REGF-ATTY
US-REGF-WORK US-REGF-CEASE US-REGF-OPTOUT US-REGF-OPTOUT2 US-REGF-EMAIL-SH US-REGF-SMS-SH
US-REGF-7IN7 US-REGF-HARASS US-REGF-MEDIA US-REGF-SOCIAL US-REGF-3P US-REGF-MIRANDA US-REGF-VALID
US-REGF-VALIDEND US-REGF-EDELIV US-REGF-DISPUTE US-REGF-TIMEBAR US-REGF-KEEP US-TCPA-REVOKE
US-TCPA-WORDS US-TCPA-10BD US-TCPA-CONFIRM US-TCPA-REVOKEALL US-TCPA-ONEWAY US-TCPA-QUIET
US-TCPA-DAMAGES US-RND US-CTIA US-CANSPAM
"""
GB = """
UK-CONC-TIME UK-CONC-EMBAR UK-CONC-FORB UK-CONC-ADVICE UK-CONC-DISPUTE UK-CONC-LEGAL UK-CONC-VULN
UK-BREATHE UK-PECR UK-LPCDA UK-LPCDA-RATE
"""
EU = """
EU-GDPR-BASIS EU-GDPR-ERASE EU-GDPR-SUPPRESS EU-GDPR-DSAR EU-GDPR-OBJECT EU-GDPR-AUTO EU-EPRIV
EU-LPD EU-LPD-RATE
"""
IT = """
IT-GARANTE05 IT-NOBOT IT-UNIREC-1D IT-UNIREC-7D IT-UNIREC-HOURS IT-UNIREC-REST IT-UNIREC-SUM IT-SMS
"""
TWILIO = "TW-US-3P TW-POL-2 TW-POL-3 TW-POL-4 TW-POL-5 TW-POL-6 TW-STOP"
WHATSAPP = """
WA-1 WA-2 WA-3 WA-4 WA-5 WA-6 WA-7 META-US-MKT WA-8 WA-9 WA-10 WA-11 WA-12 WA-13 WA-14
"""
SENDERS = """
SG-CONSENT SG-SUPPRESSION SG-PRIVACY SG-ONE-EACH SG-TRACKING
"""
MAILBOX = "MB-AUTH MB-COMPLAINTS MB-ONE-CLICK MB-2DAYS MB-SUBDOMAIN"
HOUSE = """
HOUSE-HOURS HOUSE-HOLIDAYS HOUSE-CAP-1D HOUSE-CAP-7D HOUSE-CAP-30D HOUSE-GAP HOUSE-SECOND-MEDIUM
HOUSE-REPLY HOUSE-PROMISE
"""
KNOWN = {
    "us": US,
    "us-fl": "US-FL-17 US-FL-OFFER US-FL-OFFER-24H",
    "us-ma": "US-MA-2IN7 US-MA-2IN30 US-MA-HOURS US-MA-OFFER",
    "us-ny": "US-NY-EMAIL US-NY-EMAIL-WORK US-NY-OFFER",
    "us-nyc": "US-NYC-3IN7 US-NYC-ECONSENT US-NYC-OPTOUT US-NYC-VALID US-NYC-LANGUAGE"
    " US-NYC-CREDITORS US-NYC-KEEP",
    "us-dc": "US-DC-CONSENT US-DC-5IN7 US-DC-ASK US-DC-CALLS US-DC-OFFER",
    "us-wa": "US-WA-3WK US-WA-WORK US-WA-HOURS US-WA-2DAY US-WA-OFFER",
    "us-ca": "US-CA-ROSENTHAL US-CA-OFFER",
    **{
        f"us-{state.lower()}": f"US-{state}-OFFER"
        for state in "TX AL LA CT NV KY MD MS NJ OK MI MN NM RI".split()
    },
    "gb": GB,
    "eu": EU,
    "de": "DE-RDG13A DE-RDG13A-2 DE-BGB288 DE-BGB288-CONSUMER DE-BGB288-FEE",
    "it": IT,
    "lt": "LT-30D LT-HOURS",
    "il": "IL-30A IL-13B2 IL-BOI450 IL-HOURS IL-REST IL-SENDER",
    "sa": "SA-MEANS SA-CONTENT SA-OBJECT SA-10IN30 SA-HOURS SA-SMS",
    "ae": "AE-CBUAE AE-SMS-URL AE-SMS-TEXT",
    "twilio": TWILIO,
    "whatsapp": WHATSAPP,
    "sendgrid": SENDERS,
    "mailbox": MAILBOX,
    "house": HOUSE,
}


@pytest.mark.parametrize("pack", sorted(KNOWN))
def test_every_known_rule_stands_in_its_pack(pack: str) -> None:
    assert [id_ for id_ in KNOWN[pack].split() if PACK_OF.get(id_) != pack] == []


def test_only_sums_that_nobody_read_and_what_cannot_happen_are_off() -> None:
    off = {id_ for id_, rule in ROWS.items() if rule.head.disabled}

    assert off == {
        "US-DC-ASK", "EU-LPD-RATE", "DE-BGB288", "DE-BGB288-CONSUMER", "DE-BGB288-FEE",
    }  # fmt: skip


def test_a_sum_that_somebody_read_is_on_and_of_businesses_alone() -> None:
    sums = {id_: rule for id_, rule in ROWS.items() if isinstance(rule, Fee)}

    assert {id_ for id_, rule in sums.items() if not rule.head.disabled} == {"UK-LPCDA", "EU-LPD"}
    for rule in sums.values():
        assert rule.head.applies.debt_classes == {DebtClass.COMMERCIAL}
    rates = [rule for rule in ROWS.values() if isinstance(rule, Interest)]
    assert all(rule.head.status is Status.PRIMARY or rule.head.disabled for rule in rates)


def test_what_is_said_to_keep_a_rule_exists() -> None:
    kept = {rule.kept_by for rule in ROWS.values() if isinstance(rule, Duty)} - {""}

    assert kept
    assert [path for path in kept if not (ROOT / path).is_file()] == []


def test_a_provider_binds_by_medium_or_name_and_the_law_by_place() -> None:
    for pack in SHIPPED.values():
        if pack.level is Level.PROVIDER:
            assert not pack.countries
            for rule in pack.rules:
                applies = rule.head.applies
                assert applies.providers or applies.media, rule.id
        assert bool(pack.countries) == (pack.level is Level.LAW)


def test_each_row_says_how_it_stands_on_a_day() -> None:
    def on(day: str) -> dict[str, State]:
        found = cover(SHIPPED.values(), date.fromisoformat(day))
        return {standing.rule.id: standing.state for standing in found}

    assert on("2026-08-31")["US-NYC-3IN7"] is State.TO_COME
    assert on("2026-09-01")["US-NYC-3IN7"] is State.IN_FORCE
    assert on("2026-09-01")["US-DC-ASK"] is State.DISABLED
    assert on("2026-09-01")["IL-HOURS"] is State.IN_FORCE


def test_a_row_says_what_keeps_it() -> None:
    standing = {each.rule.id: each for each in cover(SHIPPED.values(), date(2026, 11, 22))}

    assert standing["US-REGF-HOURS"].kept_by == "campaigns/policy.py"
    assert standing["US-WA-WORK"].kept_by == "campaigns/policy.py"
    assert standing["US-REGF-3P"].kept_by == "app/wording/lawful.py"
    assert standing["US-REGF-3P"].is_caution
    assert not standing["US-REGF-HOURS"].is_caution


def test_a_row_that_nothing_keeps_says_why() -> None:
    for each in cover(SHIPPED.values(), date(2026, 11, 28)):
        head = each.rule.head
        assert each.kept_by or head.unkept or head.disabled, head.id
        assert not (each.kept_by and head.unkept), head.id


def test_every_kind_of_row_has_its_word() -> None:
    assert {str(word) for word in KIND_OF.values()} == set(KINDS)
    assert {each.kind for each in cover(SHIPPED.values(), date(2026, 11, 22))} == set(KINDS)
