"""Authored words and one context make one message. Nothing is read, timed or sent here.

A `Wording` holds published words by content hash. Each template is compiled once a process for
each language, medium and form of address, on first use. A missing fact refuses the whole message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import UndefinedError

from app.wording.address import form_for
from app.wording.carried import Held, answers_asked_for, held_by
from app.wording.context import MessageContext
from app.wording.dress import Dress, Flavour
from app.wording.errors import (
    MissingVariable,
    RevisionCorrupt,
    TemplateInvalid,
    TooLong,
    UnknownMedium,
    UnknownTemplate,
)
from app.wording.files import Finding, read_file, shipped_files
from app.wording.formats import formats_for
from app.wording.language import MissingFact
from app.wording.links import TOKEN_LENGTH
from app.wording.mail import (
    MailParts,
    is_goodbye,
    layout_source,
    layout_words,
    mail_parts,
)
from app.wording.page_codes import SAMPLE, without_code
from app.wording.parts import Part, compile_parts
from app.wording.revisions import Revision, revision_of
from app.wording.tags import formats_tag, language_of, tried_for
from app.wording.variables import VARIABLES
from app.wording.ways import Way, texts_of
from app.wording.words import LocalWords, Mark, content_hash, from_canonical
from campaigns.duties import Check
from campaigns.worded import as_written, worded
from channels.sms import SmsSize, measure

LINK_LENGTH = len("https://pay.example.com/p/") + TOKEN_LENGTH
LONGEST = {"subject": 200, "preheader": 250, "text": 60_000, "html": 250_000}
LONGEST_TEXT = {"sms": 1_600, "whatsapp": 1_024, "email": LONGEST["text"], "call": 4_000}
_PLACEHOLDER = re.compile(r"\{\{link:[0-9]+\}\}")
_LINK = re.compile(r"\{\{link:|https?://|www\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message, frozen: links are placeholders, nothing else is left to fill in.

    `asked` is the customer's locale, `locale` the language that the words are in, and `tried`
    how one led to the other. `size` is that of an SMS with its links at full length. `carried` are
    the variables whose values stand in the text, `held` what its words hold that a rule may forbid.
    """

    template: str
    template_hash: str
    medium: str
    category: str
    asked: str
    locale: str
    tried: tuple[str, ...]
    text: str
    variables_used: tuple[str, ...]
    subject: str | None = None
    preheader: str | None = None
    html: str | None = None
    size: SmsSize | None = None
    unsubscribe: str | None = None
    carried: frozenset[str] = frozenset()
    held: tuple[Held, ...] = ()
    marks: frozenset[Mark] = frozenset()
    is_goodbye: bool = False

    @property
    def segments(self) -> int:
        """How many SMS this costs; 0 on any other medium."""
        return self.size.segments if self.size else 0

    @property
    def has_link(self) -> bool:
        """Whether a link stands in the text as it leaves."""
        return _LINK.search(self.text) is not None

    @property
    def fell_back(self) -> bool:
        """Whether the words are in another language than the customer's."""
        return language_of(self.asked) != self.locale

    def mail(self) -> MailParts:
        """The parts of the mail with its headers. Raises `UnknownMedium` off email."""
        if self.subject is None or self.html is None:
            raise UnknownMedium(
                worded("a message on %(medium)s is no mail", medium=self.medium),
                worded("Render it for email"),
            )
        return mail_parts(self.subject, self.text, self.html, self.unsubscribe)


class Wording:
    """Published words, ready to render. Share one per process; it only ever adds to its cache."""

    def __init__(self, revisions: Iterable[Revision], *, link_length: int = LINK_LENGTH) -> None:
        self._by_hash = {revision.hash: revision for revision in revisions}
        self._newest = {row.template: row for row in self._by_hash.values()}
        self._filler = "x" * link_length
        self._ways: dict[tuple[object, ...], Way] = {}

    @classmethod
    def from_files(cls, *, link_length: int = LINK_LENGTH) -> Wording:
        """The words that ship with Duly. Raises `TemplateInvalid` for a broken file."""
        by_template: dict[str, list[LocalWords]] = {}
        findings: list[Finding] = []
        for draft in shipped_files():
            words, found = read_file(draft)
            findings += found
            if words is not None:
                by_template.setdefault(words.template, []).append(words)
        if findings:
            raise TemplateInvalid(
                as_written("; ".join(map(str, findings))), worded("Run `duly template check`")
            )
        return cls(map(revision_of, by_template.values()), link_length=link_length)

    @classmethod
    def from_revisions(
        cls, revisions: Mapping[str, str], *, link_length: int = LINK_LENGTH
    ) -> Wording:
        """Stored words: content hash to canonical content. The later of one name is the newest.

        Raises `RevisionCorrupt` when a content does not have its hash.
        """
        for key, content in revisions.items():
            if content_hash(content) != key:
                raise RevisionCorrupt(
                    worded("revision %(key)s has other words", key=key[:12]),
                    worded("Publish it again"),
                )
        rows = (Revision(key, text, from_canonical(text)) for key, text in revisions.items())
        return cls(rows, link_length=link_length)

    def revisions(self) -> dict[str, str]:
        """Content hash to canonical content: what publishing stores."""
        return {key: revision.content for key, revision in self._by_hash.items()}

    def templates(self) -> tuple[str, ...]:
        """The names of all templates, sorted."""
        return tuple(sorted(self._newest))

    def hash_of(self, template: str) -> str:
        """The hash of the newest revision of this name. Raises `UnknownTemplate`."""
        return self._revision(template).hash

    def category_of(self, template: str) -> str:
        """What the message is to the law: reminder, notice, legal, receipt or offer."""
        return next(iter(self._revision(template).words.values())).category

    def locales_of(self, template: str) -> tuple[str, ...]:
        """The languages that the template is written in."""
        return tuple(sorted(self._revision(template).words))

    def words_of(self, template: str, locale: str) -> LocalWords:
        """The words themselves, of exactly this language. Raises `UnknownTemplate`."""
        words = self._revision(template).words.get(language_of(locale))
        if words is None:
            raise UnknownTemplate(
                worded("%(template)s has no words in %(locale)s", template=template, locale=locale),
                worded("Write them first"),
            )
        return words

    def is_approved(self, template: str, locale: str) -> bool:
        """Whether WhatsApp has approved this template in exactly this language."""
        words = self._revision(template).words.get(language_of(locale))
        return words is not None and words.whatsapp_approved

    def resolve(self, template: str, locale: str, creditor_locale: str) -> tuple[str, ...]:
        """The locales tried, the one that has words last: `("lt-LT", "lt")`.

        The customer's language, then the creditor's, then English. Raises `UnknownTemplate` when
        none of them has words.
        """
        words = self._revision(template).words
        tried = tried_for(words, locale, creditor_locale)
        if tried[-1] in words:
            return tried
        raise UnknownTemplate(
            worded(
                "%(template)s has no words in %(locale)s",
                template=template,
                locale=", ".join(tried),
            ),
            worded("Write it in one of these languages"),
        )

    def render(self, template: str, medium: str, locale: str, context: MessageContext) -> Rendered:
        """One message. `template` is a name (its newest revision) or a content hash.

        Raises `UnknownTemplate`, `UnknownMedium`, `MissingVariable` and `TooLong`.
        """
        way = self._way(template, medium, locale, context)
        words = way.words
        try:
            texts, carried = texts_of(way, medium, context)
        except (MissingFact, UndefinedError) as error:
            raise _missing(words, error) from None
        _refuse_long(words, medium, texts)
        size = self._size(texts["text"]) if medium == "sms" else None
        return Rendered(
            template=words.template, template_hash=way.revision.hash, medium=medium,
            category=words.category, asked=locale, locale=words.locale, tried=way.tried, size=size,
            variables_used=way.used, unsubscribe=context.links.get("unsubscribe"),
            carried=carried, held=_held(way, texts["text"], context),
            marks=words.marks, is_goodbye=way.is_goodbye, **texts,
        )  # fmt: skip

    def _way(self, template: str, medium: str, locale: str, context: MessageContext) -> Way:
        """How this template is said to such a customer; worked out once."""
        house, address = context.brand.locale, context.address
        key = (
            template, medium, locale, house, address.gender, address.formality,
            context.without_link,
        )  # fmt: skip
        way = self._ways.get(key)
        if way is None:
            way = self._ways[key] = self._found(template, medium, locale, context)
        return way

    def _found(self, template: str, medium: str, locale: str, context: MessageContext) -> Way:
        revision = self._revision(template)
        tried = self.resolve(template, locale, context.brand.locale)
        words = revision.words[tried[-1]]
        form, forms = form_for(words.locale, context.address), words.forms()
        form = form if form in forms else forms[0]
        said = words.said_on(medium, without_link=context.without_link)
        parts = _compiled(revision.content, words.locale, said, form)
        formats = formats_for(formats_tag(words.locale, locale, context.brand.locale))
        fixed = layout_words(words.locale, form)
        flavour = Flavour.SMS if medium == "sms" else Flavour.PLAIN
        return Way(
            revision=revision,
            words=words,
            tried=tried,
            parts=parts,
            is_rtl=formats.rtl,
            plain=Dress(formats, flavour, fixed),
            html=Dress(formats, Flavour.HTML, fixed),
            used=tuple(sorted({row.name for part in parts.values() for row in part.variables})),
            held=held_by(revision.content, words.locale, said),
            is_goodbye=is_goodbye(words),
        )

    def _size(self, text: str) -> SmsSize:
        return measure(without_code(_PLACEHOLDER.sub(self._filler, text), SAMPLE))

    def _revision(self, template: str) -> Revision:
        found = self._by_hash.get(template) or self._newest.get(template)
        if found is None:
            raise UnknownTemplate(
                worded("no template '%(template)s'", template=template),
                worded("Known are %(known)s", known=", ".join(self.templates())),
            )
        return found


def layout_hash() -> str:
    """Names the layout that a mail was set in; the frozen text itself is what was sent."""
    return content_hash(layout_source())


@lru_cache(maxsize=2048)
def _compiled(content: str, locale: str, medium: str, form: str) -> Mapping[str, Part]:
    return compile_parts(from_canonical(content)[locale], medium, form)


def _held(way: Way, text: str, context: MessageContext) -> tuple[Held, ...]:
    """What the words hold, and on a one-way sender what asks for an answer."""
    if context.two_way:
        return way.held
    asked = answers_asked_for(text, way.words.locale)
    return (*way.held, *(Held(Check.REPLY_ON_ONE_WAY, word, "", 1) for word in asked))


def _missing(words: LocalWords, error: Exception) -> MissingVariable:
    name = str(error).replace("_href", "_link")
    row = VARIABLES.get(name)
    remedy = (
        worded("Give the message: %(what)s", what=as_written(row.meaning))
        if row
        else worded("Check the template")
    )
    return MissingVariable(words.template, words.locale, name, remedy)


def _refuse_long(words: LocalWords, medium: str, texts: Mapping[str, str]) -> None:
    for part, text in texts.items():
        limit = LONGEST_TEXT[medium] if part == "text" else LONGEST[part]
        if len(text) > limit:
            problem = worded(
                "the %(part)s of %(template)s (%(locale)s, %(medium)s) has %(count)s of %(most)s"
                " characters",
                part=part,
                template=words.template,
                locale=words.locale,
                medium=medium,
                count=len(text),
                most=limit,
            )
            raise TooLong(problem, worded("Shorten the words"))
