"""Reads drafts like a strict colleague: everything that is wrong with a template, all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import product

from jinja2 import nodes

from app.wording.carried import held_in
from app.wording.errors import WordingError
from app.wording.files import LOCALES, DraftFile, Finding, by_template, read_file, shipped_files
from app.wording.fixed import check_fixed
from app.wording.language import Fault, environment, parse
from app.wording.render import Wording
from app.wording.revisions import revision_of
from app.wording.samples import SAMPLES, sample_context
from app.wording.slips import slips_of
from app.wording.tone import telling_words, threatening_words
from app.wording.variables import VARIABLES, Kind
from app.wording.words import CALL, PLAIN_SMS, LocalWords
from campaigns.duties import Check
from campaigns.worded import Worded, worded

OPEN_TO_BYSTANDERS = ("email.subject", "email.preheader", "sms", PLAIN_SMS)
ASKS = frozenset({"reminder", "notice", "legal", "offer"})
# At typical values; a second currency, a company name or an opt-out link may take one more.
TYPICAL = frozenset({"one_invoice", "no_name"})
MOST_SEGMENTS = {"en": 2, "lt": 2, "he": 3, "ar": 3, "de": 2}
_BEYOND_ONE = frozenset({"lt", "ru", "uk", "be", "lv", "hr", "sr", "sl"})
_STOPS = frozenset({"stop", "stop_link"})
_MESSAGES = ("sms", "whatsapp.text")
_WAYS_TO_PAY = frozenset({"pay_link", "card_link"})
_TAPPED = {Kind.LINK, Kind.CODE, Kind.STOP}
_NOT_PLAIN = {Check.URL, Check.PHONE_NUMBER, Check.CHAT_LINK, Check.MONEY_WORDING}


def check_all() -> list[Finding]:
    """Every finding in the shipped templates, in the words around them and on the pages."""
    templates = [
        found for drafts in by_template(shipped_files()) for found in check_template(drafts)
    ]
    return [*templates, *check_fixed()]


def check_template(
    files: Sequence[DraftFile], *, locales: Iterable[str] = LOCALES
) -> list[Finding]:
    """All findings in the files of one template, in order of file and line."""
    findings: list[Finding] = []
    read: list[LocalWords] = []
    for draft in files:
        words, found = read_file(draft)
        findings += found
        if words is not None:
            read.append(words)
    findings += _incomplete(files, read, tuple(locales))
    for words in read:
        faults = _faults(words)
        findings += faults
        if not faults:
            findings += _rendered(words)
    return sorted(findings, key=lambda found: (found.file, found.line))


def _faults(words: LocalWords) -> list[Finding]:
    """What every form of address says is held to the same rules; each finding stands once."""
    said = [words.said_in(form) for form in words.forms()]
    faults = [found for each in said for rule in _RULES for found in rule(each)]
    return list(dict.fromkeys([*faults, *slips_of(words)]))


def _incomplete(
    files: Sequence[DraftFile], read: Sequence[LocalWords], locales: tuple[str, ...]
) -> list[Finding]:
    findings = []
    for words in read:
        if not words.file.endswith(f"{words.template}/{words.locale}.yaml"):
            problem = worded(
                "the file says it is `%(template)s` in `%(locale)s`",
                template=words.template,
                locale=words.locale,
            )
            findings.append(Finding(words.file, 1, problem, worded("Move it, or correct its head")))
        if words.category != read[0].category:
            problem = worded(
                "category `%(category)s`, but %(file)s says `%(other)s`",
                category=words.category,
                file=read[0].file,
                other=read[0].category,
            )
            findings.append(Finding(words.file, 1, problem, worded("A template has one category")))
        if words.marks != read[0].marks:
            problem = worded("the marks differ from those of %(file)s", file=read[0].file)
            findings.append(
                Finding(words.file, 1, problem, worded("A template has the same in each"))
            )
    if files and len(read) == len(files):
        missing = [locale for locale in locales if locale not in {row.locale for row in read}]
        folder = files[0].path.rpartition("/")[0]
        findings += [
            Finding(
                f"{folder}/{locale}.yaml",
                1,
                worded("`%(locale)s` is missing", locale=locale),
                worded("Write this language"),
            )
            for locale in missing
        ]
    return findings


def _language_faults(words: LocalWords) -> list[Finding]:
    return [
        _at(words, key, fault)
        for key, text in words.texts.items()
        for fault in parse(text.source, words.locale).faults
    ]


def _forgotten_variables(words: LocalWords) -> list[Finding]:
    creditor = (frozenset({"creditor"}), worded("no creditor"), worded("Add `{{ creditor }}`"))
    sender = (frozenset({"sender"}), worded("nobody signs"), worded("Add `{{ sender }}`"))
    stop = (_STOPS, worded("no way to stop these messages"), worded("Add `{{ stop }}`"))
    pay = (_WAYS_TO_PAY, worded("no pay link"), worded("Add `{{ pay_link }}`"))
    needed: list[tuple[str, tuple[frozenset[str], Worded, Worded]]] = []
    if words.category in ASKS:
        needed += [(key, one) for key in _MESSAGES for one in (stop, creditor, sender)]
        needed += [(PLAIN_SMS, one) for one in (creditor, sender)]
    if words.category == "reminder":
        needed += [(key, pay) for key in _MESSAGES]
    findings = [
        _at(words, key, Fault(1, worded("%(what)s in `%(key)s`", what=what, key=key), remedy))
        for key, (names, what, remedy) in needed
        if key in words.texts and not names & _used(words, key)
    ]
    if words.category == "reminder" and "email.button" not in words.texts:
        fault = Fault(1, worded("no button in the email"), worded("Add `button` with a few words"))
        findings.append(_at(words, "email.greeting", fault))
    return findings


def _brand_first(words: LocalWords) -> list[Finding]:
    fault = Fault(
        1,
        worded("the SMS does not open with the creditor"),
        worded("Start it with `{{ creditor }}: `"),
    )
    return [
        _at(words, key, fault)
        for key in ("sms", PLAIN_SMS)
        if key in words.texts and not words.texts[key].source.startswith("{{ creditor }}")
    ]


def _plain_holds(words: LocalWords) -> list[Finding]:
    """The SMS for places without links is there for what they forbid."""
    remedy = worded("Write it without links, numbers and words of money")
    problems = [
        (found, worded("`%(word)s` in `%(key)s`", word=found.word, key=PLAIN_SMS))
        for found in held_in(words, PLAIN_SMS)
        if found.check in _NOT_PLAIN
    ]
    return [
        _at(words, found.key, Fault(found.line, problem, remedy)) for found, problem in problems
    ]


def _said_aloud(words: LocalWords) -> list[Finding]:
    """Nobody can tap what they hear."""
    if CALL not in words.texts:
        return []
    remedy = worded("Say what to do; nobody taps a word")
    return [
        _at(words, CALL, Fault(1, worded("`%(word)s` in `%(key)s`", word=name, key=CALL), remedy))
        for name in sorted(_used(words, CALL))
        if name in VARIABLES and VARIABLES[name].kind in _TAPPED
    ]


def _plural_traps(words: LocalWords) -> list[Finding]:
    """In Lithuanian `one` is also 21 and 31: a form without the number would be false."""
    if words.locale not in _BEYOND_ONE:
        return []
    problem = worded("the form `one` does not say `{n}`, but it also stands for 21")
    remedy = worded("Write `{n}`, and say the case of 1 with `if invoice_count == 1`")
    return [
        _at(words, key, Fault(1, problem, remedy))
        for key, text in words.texts.items()
        if any("{n}" not in form for form in _forms(words, text.source, "one"))
    ]


def _forms(words: LocalWords, source: str, category: str) -> list[str]:
    if parse(source, words.locale).faults:
        return []
    calls = environment(words.locale).parse(source).find_all(nodes.Call)
    forms = [row for call in calls for row in call.kwargs if row.key == category]
    return ["".join(str(const.value) for const in _constants(row.value)) for row in forms]


def _constants(node: nodes.Node) -> list[nodes.Const]:
    return [node] if isinstance(node, nodes.Const) else list(node.find_all(nodes.Const))


def _unkind(words: LocalWords) -> list[Finding]:
    findings = []
    for key, text in words.texts.items():
        if key in OPEN_TO_BYSTANDERS:
            for word in telling_words(text.source, words.locale):
                problem = worded(
                    "`%(word)s` in `%(key)s` tells a bystander of a debt", word=word, key=key
                )
                remedy = worded("Write it so that anybody may read it")
                fault = Fault(_line_of(text.source, word), problem, remedy)
                findings.append(_at(words, key, fault))
        for word in threatening_words(text.source, words.locale):
            problem = worded("`%(word)s` threatens or blames", word=word)
            remedy = worded("Say what happens and what would help")
            fault = Fault(_line_of(text.source, word), problem, remedy)
            findings.append(_at(words, key, fault))
    return findings


def _hidden_controls(words: LocalWords) -> list[Finding]:
    fault = Fault(
        1, worded("an invisible direction control"), worded("Delete it; variables bring their own")
    )
    stray = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
    return [
        _at(words, key, fault) for key, text in words.texts.items() if stray.search(text.source)
    ]


_RULES: tuple[Callable[[LocalWords], list[Finding]], ...] = (
    _language_faults, _forgotten_variables, _brand_first, _plain_holds, _said_aloud,
    _plural_traps, _unkind,
    _hidden_controls,
)  # fmt: skip


def _rendered(words: LocalWords) -> list[Finding]:
    """What only shows with values in place: refusals and the price of the SMS."""
    wording = Wording([revision_of([words])])
    findings: dict[str, Finding] = {}
    for sample, form in product(SAMPLES, words.forms()):
        context = sample_context(sample, words.locale, form=form)
        for medium in words.media():
            key = {"email": "email.greeting", "whatsapp": "whatsapp.text"}.get(medium, medium)
            try:
                message = wording.render(words.template, medium, words.locale, context)
            except WordingError as error:
                findings[error.problem] = _at(words, key, Fault(1, error.problem, error.remedy))
                continue
            most = MOST_SEGMENTS.get(words.locale, 3) + (sample not in TYPICAL)
            if message.segments > most:
                problem = worded(
                    "%(segments)s SMS segments for `%(sample)s`, the aim is %(most)s",
                    segments=message.segments,
                    sample=sample,
                    most=most,
                )
                findings[problem] = _at(words, key, Fault(1, problem, worded("Shorten the words")))
    return list(findings.values())


def _used(words: LocalWords, key: str) -> frozenset[str]:
    return parse(words.texts[key].source, words.locale).variables


def _at(words: LocalWords, key: str, fault: Fault) -> Finding:
    line = words.texts[key].line_at(fault.line) if key in words.texts else 1
    return Finding(words.file, line, fault.problem, fault.remedy)


def _line_of(source: str, word: str) -> int:
    return source.lower()[: max(0, source.lower().find(word))].count("\n") + 1
