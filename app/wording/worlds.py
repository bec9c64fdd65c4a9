"""Whether a template may be said in a creditor's world: under the rules of those it writes to.

Each language, medium and form of address is written with sample facts and the creditor's own, and
asked as the gate will ask it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product

from app.wording.context import Brand
from app.wording.errors import WordingError
from app.wording.files import Finding
from app.wording.lawful import About, Breach, breaches
from app.wording.mail import is_service_answer
from app.wording.render import Rendered, Wording
from app.wording.revisions import revision_of
from app.wording.samples import sample_context
from app.wording.words import LocalWords, Mark
from campaigns.duties import Check, Named, Weight
from campaigns.facts import ChannelFact, Facts, InvoiceFact
from campaigns.money import Money
from campaigns.rules import LinkForbidden
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, CustomerKind, DebtClass, Medium, SenderRole
from campaigns.worded import Worded, any_of, spelled, verbatim, worded

_KEYS = {"email": "email.greeting", "whatsapp": "whatsapp.text"}
_LONG_DUE = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Line:
    """A way on which a creditor writes."""

    medium: Medium
    provider: str = "sandbox"
    two_way: bool = True


@dataclass(frozen=True, slots=True)
class World:
    """A creditor and one kind of its customers: which rules bind what is said to them.

    Without a `brand` of its own it has every fact that a brand may have.
    """

    name: str
    rules: RuleSet
    country: str
    role: SenderRole = SenderRole.FIRST_PARTY
    sector: str | None = None
    kind: CustomerKind = CustomerKind.CONSUMER
    lines: tuple[Line, ...] = tuple(map(Line, Medium))
    brand: Brand | None = None
    capabilities: frozenset[str] = frozenset()

    def facts(self, now: datetime) -> Facts:
        """A customer who has owed for long, so that every rule about an age binds."""
        of = DebtClass.CONSUMER if self.kind is CustomerKind.CONSUMER else DebtClass.COMMERCIAL
        due_on = (now - _LONG_DUE).date()
        return Facts(
            creditor_id=0,
            customer_id=0,
            person_id=0,
            locale="",
            country=self.country,
            region=None,
            zones=(),
            kind=self.kind,
            role=self.role,
            sector=self.sector,
            invoices=(InvoiceFact(0, "", Money(1, "EUR"), due_on, debt_class=of),),
        )


def check_worlds(
    read: Sequence[LocalWords], worlds: Iterable[World], now: datetime
) -> list[Finding]:
    """What the languages of one template lack, or hold that they may not, in these worlds."""
    if not read:
        return []
    wording = Wording([revision_of(read)])
    found = [
        finding for world in worlds for words in read for finding in _in(world, words, wording, now)
    ]
    return sorted(dict.fromkeys(found), key=lambda each: (each.file, each.line, each.problem))


def _in(world: World, words: LocalWords, wording: Wording, now: datetime) -> Iterator[Finding]:
    facts = world.facts(now)
    about = About(
        world.role,
        Mark.FIRST_MESSAGE in words.marks,
        capabilities=world.capabilities,
        is_service=is_service_answer(words),
    )
    for line, form in product(world.lines, words.forms()):
        if str(line.medium) not in words.media():
            continue
        channel = ChannelFact(0, 0, line.medium, 0, line.provider, two_way=line.two_way)
        span = world.rules.timeline(facts, channel, Category(words.category)).at(now)
        rules = span.texts
        try:
            message = _written(world, words, wording, line, form, without_link=span.forbids_link)
        except WordingError as error:
            key = _KEYS.get(line.medium, line.medium)
            yield Finding(words.file, _line(words, key, 1), error.problem, error.remedy)
            continue
        for row in span.bars:
            if isinstance(row, LinkForbidden) and message.has_link:
                breach = Breach(row.id, Weight.ERROR, Check.URL)
                yield _finding(breach, words, line.medium, world)
        for breach in breaches(message, rules, about):
            yield _finding(breach, words, line.medium, world)


def _written(
    world: World, words: LocalWords, wording: Wording, line: Line, form: str, *, without_link: bool
) -> Rendered:
    context = sample_context("one_invoice", words.locale, form=form)
    context = replace(
        context,
        two_way=line.two_way,
        without_link=without_link,
        brand=world.brand or context.brand,
    )
    return wording.render(words.template, line.medium, words.locale, context)


def _finding(breach: Breach, words: LocalWords, medium: Medium, world: World) -> Finding:
    key = breach.key or _KEYS.get(medium, str(medium))
    line = _line(words, key, breach.line)
    is_warning = breach.weight is Weight.WARNING
    where = worded(
        "in `%(locale)s` on %(medium)s, for %(world)s (%(rule)s)",
        locale=words.locale,
        medium=medium,
        world=world.name,
        rule=breach.rule,
    )
    what = spelled(breach.what)
    if isinstance(breach.what, Named):
        problem = worded("no %(what)s %(where)s", what=what, where=where)
        return Finding(words.file, line, problem, _say_it_with(breach.variables), is_warning)
    problem = worded("%(what)s %(where)s", what=what, where=where)
    if breach.word:
        problem = worded(
            "`%(word)s` is %(what)s %(where)s", word=breach.word, what=what, where=where
        )
    return Finding(words.file, line, problem, _REMEDIES.get(breach.what, _TAKE_OUT), is_warning)


def _say_it_with(variables: frozenset[str]) -> Worded:
    if not variables:
        return worded("Write it in Arabic")
    ways = any_of(verbatim(f"`{{{{ {name} }}}}`") for name in sorted(variables))
    return worded("Say it with %(ways)s, and give the fact", ways=ways)


def _line(words: LocalWords, key: str, line: int) -> int:
    """Of a text that is written line by line, the first stands for all."""
    text = words.texts.get(key) or words.texts.get(f"{key}.0")
    return text.line_at(line) if text is not None else 1


_TAKE_OUT = worded("Take it out, or say it in another way")
_REMEDIES = {
    Check.LEGAL_THREAT_WITHOUT_CAPABILITY: worded("Only a creditor who can go to court may say so"),
    Check.REPLY_ON_ONE_WAY: worded("Say it within `{%% if two_way %%}`"),
    Check.URL: worded("Write `sms_plain`, which holds none"),
}
