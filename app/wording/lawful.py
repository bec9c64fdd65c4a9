"""What a message lacks by the rules that bind it, and what it holds that they forbid.

One reading for both: drafts are asked with sample facts when they are published, frozen texts
once more at the gate. Pure; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.wording.render import Rendered
from app.wording.tags import language_of
from app.wording.words import Mark
from campaigns.duties import Check, Content, Fields, Named, Stage, Weight
from campaigns.vocabulary import Category, SenderRole

LEGAL_ACTION = "legal_action"
"""The capability of a creditor that may really go to court, and so may say that it might."""

_ANY_WAY_OUT = frozenset({"stop", "stop_link"})
_CARRIERS: Mapping[Named, frozenset[str]] = {
    # On a one-way sender the line of `stop` is a link; a mail has the link and its header.
    Named.OPT_OUT: _ANY_WAY_OUT,
    Named.OPT_OUT_LINK: _ANY_WAY_OUT,
    Named.REMOVAL_NOTICE: _ANY_WAY_OUT,
    Named.SENDER_NAME: frozenset({"sender", "creditor"}),
    # Each leads to a page where that can be said.
    Named.CANNOT_PAY: frozenset({"help_link", "pay_link", "card_link"}),
    Named.COLLECTOR_DISCLOSURE: frozenset({"collector_disclosure", "initial_disclosure"}),
    Named.INITIAL_DISCLOSURE: frozenset({"initial_disclosure"}),
    Named.CREDITOR_NAME: frozenset({"creditor"}),
    Named.CREDITOR_ADDRESS: frozenset({"postal_address"}),
    Named.CREDITOR_DEPARTMENT: frozenset({"creditor_department"}),
    Named.ON_BEHALF_OF: frozenset({"on_behalf_of"}),
    Named.CONTACT_NUMBER: frozenset({"creditor_phone"}),
    Named.WORKING_HOURS: frozenset({"working_hours"}),
    Named.CLAIM_GROUND: frozenset({"claim_ground"}),
    Named.CONTRACT_DATE: frozenset({"contract_on"}),
    Named.INTEREST_CALCULATION: frozenset({"interest_calculation"}),
    Named.ABOVE_STATUTORY_RATE: frozenset({"above_statutory_rate"}),
    Named.COST_BREAKDOWN: frozenset({"cost_breakdown"}),
    Named.VAT_STATEMENT: frozenset({"vat_statement"}),
    Named.ADDRESS_SOURCE: frozenset({"address_source"}),
    Named.SUPERVISOR: frozenset({"supervisor"}),
    Named.SUM_BREAKDOWN: frozenset({"cost_breakdown"}),
    Named.POSTAL_ADDRESS: frozenset({"postal_address"}),
    Named.ARABIC_TEXT: frozenset(),
}
_OF_A_COLLECTOR = {  # who writes for another names that other
    Named.CREDITOR_NAME: frozenset({"on_behalf_of"}),
    Named.CREDITOR_ADDRESS: frozenset({"behalf_address"}),
}
_WAYS_TO_PAY = frozenset({"pay_link", "card_link"})
_WAYS_OUT = frozenset({Named.OPT_OUT, Named.OPT_OUT_LINK, Named.REMOVAL_NOTICE})
_THREATS = {
    Check.LEGAL_THREAT, Check.LEGAL_THREAT_WITHOUT_CAPABILITY, Check.LEGAL_THREAT_TIME_BARRED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """What the rules need to know of a message besides its text.

    `is_service` is a confirmation of an opt-out or an answer to HELP: it says just that, as the law
    wants (47 CFR 64.1200(a)(12)), and carries no field of a message about a debt.
    """

    role: SenderRole = SenderRole.FIRST_PARTY
    is_first: bool = False
    is_time_barred: bool = False
    capabilities: frozenset[str] = frozenset()
    is_service: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a message breaks: the field that it lacks, or what it may not hold.

    `variables` would give the field; `word` is what the text holds, in the text of this `key`.
    """

    rule: str
    weight: Weight
    what: Named | Check
    variables: frozenset[str] = frozenset()
    word: str = ""
    key: str = ""
    line: int = 1

    @property
    def is_field(self) -> bool:
        return isinstance(self.what, Named)


def breaches(
    message: Rendered, rules: Iterable[Fields | Content], about: About
) -> Iterator[Breach]:
    """Every breach of these rules, in their order."""
    for rule in rules:
        if isinstance(rule, Content):
            yield from _forbidden(message, rule, about)
        elif not about.is_service and _is_due(rule, about):
            yield from _lacking(message, rule, about)


def asks_payment(message: Rendered) -> bool:
    """Whether it asks for money: it says so, or it is no receipt and has a way to pay."""
    if Mark.ASKS_PAYMENT in message.marks:
        return True
    return message.category != Category.RECEIPT and bool(_WAYS_TO_PAY & message.carried)


def _is_due(rule: Fields, about: About) -> bool:
    return rule.stage is Stage.EVERY_MESSAGE or about.is_first


def threatens(message: Rendered) -> bool:
    """Whether it speaks of going to court."""
    return Mark.LEGAL_THREAT in message.marks or any(
        held.check is Check.LEGAL_THREAT for held in message.held
    )


def asks_costs(message: Rendered) -> bool:
    """Whether costs of collection stand in the text."""
    return "cost_breakdown" in message.carried


def _lacking(message: Rendered, rule: Fields, about: About) -> Iterator[Breach]:
    for need in sorted(rule.needs):
        carriers = _carriers(need, about.role)
        if not _carries(message, need, carriers):
            yield Breach(rule.id, rule.weight, need, carriers)


def _carriers(need: Named, role: SenderRole) -> frozenset[str]:
    if role is SenderRole.THIRD_PARTY and need in _OF_A_COLLECTOR:
        return _OF_A_COLLECTOR[need]
    return _CARRIERS[need]


def _carries(message: Rendered, need: Named, carriers: frozenset[str]) -> bool:
    if need in _WAYS_OUT and message.is_goodbye:
        return True  # it says that the opt-out is done
    if need is Named.ARABIC_TEXT:  # whoever reads another language is written to in that one
        return language_of(message.asked) != "ar" or message.locale == "ar"
    return bool(carriers & message.carried)


def _forbidden(message: Rendered, rule: Content, about: About) -> Iterator[Breach]:
    if not (message.held or message.marks or about.is_time_barred):
        return  # it holds nothing that any rule could forbid
    for check in sorted(rule.forbids):
        if check is Check.PAYMENT_REQUEST_TIME_BARRED:
            excused = Mark.LIMITATION_NOTICE in message.marks
            if about.is_time_barred and asks_payment(message) and not excused:
                yield Breach(rule.id, rule.weight, check)
        elif not _allowed(check, about):
            yield from _held(message, rule, check)


def _allowed(check: Check, about: About) -> bool:
    if check is Check.LEGAL_THREAT_WITHOUT_CAPABILITY:
        return LEGAL_ACTION in about.capabilities
    return check is Check.LEGAL_THREAT_TIME_BARRED and not about.is_time_barred


def _held(message: Rendered, rule: Content, check: Check) -> Iterator[Breach]:
    sought = Check.LEGAL_THREAT if check in _THREATS else check
    for held in message.held:
        if held.check is sought:
            yield Breach(rule.id, rule.weight, check, word=held.word, key=held.key, line=held.line)
    if sought is Check.LEGAL_THREAT and Mark.LEGAL_THREAT in message.marks:
        yield Breach(rule.id, rule.weight, check, word=str(Mark.LEGAL_THREAT))
