"""One part of a mapping: what one kind of row says, section by section."""

from __future__ import annotations

import re

from app.book.mapping.cells import CellType
from app.book.mapping.form_source import read_form
from app.book.mapping.keys import (
    CONSENT_KEYS,
    CONTACT_KEYS,
    CUSTOM_TYPES,
    FIELDS,
    NEEDED,
    ONLY_KEYS,
    SOURCE_KEYS,
)
from app.book.mapping.shape import (
    AddressKind,
    ConsentForm,
    ContactForm,
    CustomForm,
    FileForm,
    Only,
    Part,
    PointForm,
    Source,
    Sources,
)
from app.book.mapping.values import Values
from campaigns.fact_table import FactType
from campaigns.language_source import Table, describe
from campaigns.language_values import Context, Fields, chosen
from campaigns.vocabulary import Medium
from campaigns.worded import any_of, verbatim, worded

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_DEFAULT_MEDIA = {
    AddressKind.PHONE: (Medium.SMS, Medium.WHATSAPP),
    AddressKind.EMAIL: (Medium.EMAIL,),
}
_HUMAN = {
    "external_id": CellType.TEXT,
    "name": CellType.TEXT,
    "role": CellType.ROLE,
    "locale": CellType.LOCALE,
}
_NEED_AN_INVOICE = ("settlement", "dispute")


class PartReader:
    """Reads the parts of one file into one report."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._values = Values(context.report)

    def part(self, fields: Fields, name: str, patterns: tuple[str, ...], usual: FileForm) -> Part:
        """The part that `fields` describe; `usual` is how files are written where it is silent."""
        form = read_form(fields.table("file", "`file`"), self._values, usual)
        sections = {section: self._section(fields, section) for section in FIELDS}
        self._check(fields, sections)
        return Part(
            name=name,
            form=form,
            fields=sections,
            place=fields.place,
            patterns=patterns,
            only=self._only(fields),
            of_customer=self._values.source(fields, "of_customer", CellType.TEXT),
            contacts=self._contacts(fields),
            consents=self._consents(fields),
            custom=self._custom(fields),
        )

    def _check(self, fields: Fields, sections: dict[str, Sources]) -> None:
        if ("customer" in fields) == ("of_customer" in fields):
            problem = worded("%(what)s needs `customer` or `of_customer`", what=fields.what)
            remedy = worded(
                "Add `customer:` where rows tell about customers, `of_customer:` and a column"
                " where they only name one.",
            )
            fields.say(fields.place, problem, remedy)
        for section in ("custom", "postal"):
            if section in fields and "of_customer" in fields:
                problem = worded(
                    "`%(section)s` tells about a customer, and the rows only name one",
                    section=section,
                )
                fields.say(
                    fields.place_of(section), problem, worded("Move it to where `customer` is.")
                )
        if not sections["invoice"] and any(sections[name] for name in _NEED_AN_INVOICE):
            fields.say(
                fields.place,
                worded("there is no `invoice` to settle or dispute"),
                worded("Add `%(key)s:`.", key="invoice"),
            )

    def _only(self, fields: Fields) -> Only | None:
        inner = fields.table("only", "`only`")
        if inner is None:
            return None
        inner.allow(ONLY_KEYS)
        column = inner.scalar("column", needed=True)
        texts = self._values.texts(inner, "are")
        if not texts:
            inner.say(
                inner.place,
                worded("`only` does not say which rows"),
                worded("Add `are:` and a list."),
            )
        if column is None:
            return None
        return Only(Source(column.place, column=column.text), frozenset(texts))

    def _section(self, top: Fields, name: str) -> Sources:
        fields = top.table(name, f"`{name}`")
        if fields is None:
            return {}
        fields.allow(tuple(FIELDS[name]))
        for key in NEEDED[name]:
            if key not in fields:
                fields.say(
                    fields.place,
                    worded("%(what)s has no `%(key)s`", what=fields.what, key=key),
                    worded("Add `%(key)s:` and its column.", key=key),
                )
        if name == "settlement" and not any(key in fields for key in ("paid_on", "amount", "open")):
            fields.say(
                fields.place,
                worded("`settlement` tells nothing"),
                worded("Add `%(key)s:` and its column.", key="paid_on"),
            )
        found = {key: self._values.source(fields, key, kind) for key, kind in FIELDS[name].items()}
        return {key: source for key, source in found.items() if source is not None}

    def _contacts(self, top: Fields) -> tuple[ContactForm, ...]:
        found = []
        for fields in self._tables(top, "contacts"):
            fields.allow(CONTACT_KEYS)
            kinds = [kind for kind in AddressKind if str(kind) in fields]
            if not kinds:
                remedy = worded("Add one, or both, with their columns.")
                fields.say(fields.place, worded("a contact has no `phone` and no `email`"), remedy)
            human = {
                key: self._values.source(fields, key, cell_type)
                for key, cell_type in _HUMAN.items()
            }
            points = self._points(fields, kinds)
            found.append(ContactForm(points, {k: s for k, s in human.items() if s is not None}))
        return tuple(found)

    def _points(self, fields: Fields, kinds: list[AddressKind]) -> tuple[PointForm, ...]:
        region = self._values.source(fields, "region", CellType.COUNTRY)
        place = self._values.source(fields, "place", CellType.PLACE)
        media = self._media(fields, kinds)
        found = []
        for kind in kinds:
            address = self._values.source(fields, str(kind), CellType.TEXT)
            if address is not None:
                fitting = tuple(medium for medium in _DEFAULT_MEDIA[kind] if medium in media)
                found.append(PointForm(kind, address, fitting, region, place))
        return tuple(found)

    def _media(self, fields: Fields, kinds: list[AddressKind]) -> tuple[Medium, ...]:
        reached = tuple(medium for kind in kinds for medium in _DEFAULT_MEDIA[kind])
        if "media" not in fields:
            return reached
        report = self._context.report
        named = [chosen(item, Medium, report, "media") for item in fields.items("media") or ()]
        media = tuple(medium for medium in named if medium is not None)
        for medium in media:
            if medium not in reached:
                problem = worded(
                    "`%(medium)s` does not reach a %(kinds)s",
                    medium=medium,
                    kinds=any_of(kinds),
                )
                remedy = worded("It is one of %(known)s.", known=", ".join(reached))
                fields.say(fields.place_of("media"), problem, remedy)
        return media

    def _consents(self, top: Fields) -> tuple[ConsentForm, ...]:
        found = []
        for fields in self._tables(top, "consents"):
            fields.allow(CONSENT_KEYS)
            for key in ("medium", "given", "source", "method"):
                if key not in fields:
                    remedy = (
                        worded("Add `%(key)s:` and its column.", key=key)
                        if key == "given"
                        else worded("Add `%(key)s:`.", key=key)
                    )
                    fields.say(
                        fields.place,
                        worded(
                            "%(what)s has no `%(key)s`",
                            what=worded("a consent"),
                            key=key,
                        ),
                        remedy,
                    )
            constant = self._values.constant_or_source
            medium = constant(fields, "medium", CellType.MEDIUM)
            given = self._values.source(fields, "given", CellType.FLAG)
            source = constant(fields, "source", CellType.TEXT)
            method = constant(fields, "method", CellType.TEXT)
            at = self._values.source(fields, "at", CellType.DATE)
            evidence = self._values.source(fields, "evidence", CellType.TEXT)
            if medium and given and source and method:
                found.append(ConsentForm(medium, given, source, method, at, evidence))
        return tuple(found)

    def _tables(self, top: Fields, key: str) -> list[Fields]:
        found = []
        for node in top.items(key) or ():
            if isinstance(node, Table):
                found.append(Fields(node, self._context, worded("an entry of `%(key)s`", key=key)))
            else:
                top.say(
                    node.place,
                    worded("`%(key)s` holds %(what)s", key=key, what=describe(node)),
                    worded("Begin each entry with `- `."),
                )
        return found

    def _custom(self, top: Fields) -> tuple[CustomForm, ...]:
        node = top.node("custom")
        fields = top.table("custom", "`custom`")
        if fields is None or not isinstance(node, Table):
            return ()
        found = []
        for key, value in node.entries:
            if not _NAME.fullmatch(key.text):
                remedy = worded("Write small letters, digits and underscores, first a letter.")
                top.say(
                    key.place, worded("`%(name)s` cannot name an attribute", name=key.text), remedy
                )
            elif not isinstance(value, Table):
                top.say(
                    key.place,
                    worded("`%(name)s` has no type", name=key.text),
                    worded("Give `column:` and `type:`."),
                )
            else:
                found += self._attribute(
                    key.text, Fields(value, self._context, verbatim(f"`{key.text}`"))
                )
        return tuple(found)

    def _attribute(self, name: str, fields: Fields) -> list[CustomForm]:
        fields.allow((*SOURCE_KEYS, "type"))
        fact_type = fields.word("type", FactType, needed=True)
        if fact_type is None:
            return []
        return [
            CustomForm(name, fact_type, self._values.told(fields, name, CUSTOM_TYPES[fact_type]))
        ]
