"""Reads a mapping file: YAML 1.2 into a `FeedMapping`, or all that is wrong with it at once."""

from __future__ import annotations

import codecs
import re
from hashlib import sha256

from app.book.cells import CellType, Writing
from app.book.errors import MappingError
from app.book.mapping import (
    CONSENT_KEYS,
    CREDITOR_KEYS,
    CUSTOM_TYPES,
    FIELDS,
    FILE_KEYS,
    NEEDED,
    POINT_KEYS,
    SCHEMA,
    SECTIONS,
    SOURCE_KEYS,
    AddressKind,
    ConsentForm,
    CreditorForm,
    CustomForm,
    FeedMapping,
    FileForm,
    PointForm,
    Sources,
)
from app.book.mapping_values import Values
from campaigns.facts import FactType
from campaigns.findings import Place, Report, did_you_mean
from campaigns.language_source import Table, describe, read_tree
from campaigns.language_values import Context, Fields, chosen
from campaigns.vocabulary import Medium, SenderRole

_TOP = Place(1, 1)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_DEFAULT_MEDIA = {
    AddressKind.PHONE: (Medium.SMS, Medium.WHATSAPP),
    AddressKind.EMAIL: (Medium.EMAIL,),
}


def read_mapping(text: str, file: str) -> FeedMapping:
    """The mapping that `text` holds. Raises `MappingError` with every finding; `file` names it."""
    report = Report(file)
    root = read_tree(text, report)
    if isinstance(root, Table):
        mapping = _Reader(report).mapping(root, text)
    else:
        mapping = None
        if root is not None:
            report.add(root.place, "a mapping is a table", f"Begin with `schema: {SCHEMA}`.")
    if mapping is None or report.findings:
        if not report.findings:
            report.add(_TOP, "the mapping is empty", f"Begin with `schema: {SCHEMA}`.")
        raise MappingError(report.findings)
    return mapping


class _Reader:
    """Reads the sections of one file into one report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._context = Context(report, {}, None)
        self._values = Values(report)

    def mapping(self, root: Table, text: str) -> FeedMapping | None:
        top = Fields(root, self._context, "a mapping")
        top.allow(SECTIONS)
        self._schema(top)
        form = self._form(top.table("file", "`file`"))
        creditor = self._creditor(top.table("creditor", "`creditor`"))
        if "creditor" not in top or "customer" not in top:
            missing = "creditor" if "creditor" not in top else "customer"
            top.say(top.place, f"a mapping has no `{missing}`", f"Add `{missing}:`.")
        fields = {name: self._section(top, name) for name in FIELDS}
        if not fields["invoice"] and (fields["settlement"] or fields["dispute"]):
            top.say(top.place, "there is no `invoice` to settle or dispute", "Add `invoice:`.")
        points = self._points(top)
        consents = self._consents(top)
        custom = self._custom(top)
        if creditor is None:
            return None
        digest = sha256(text.encode()).hexdigest()
        return FeedMapping(
            self.report.file, digest, creditor, form, fields, points, consents, custom
        )

    def _schema(self, top: Fields) -> None:
        schema = top.scalar("schema", needed=True)
        if schema is not None and schema.text != SCHEMA:
            top.say(schema.place, f"`schema` is `{schema.text}`", f"Write `schema: {SCHEMA}`.")

    def _form(self, fields: Fields | None) -> FileForm:
        if fields is None:
            return FileForm()
        fields.allow(FILE_KEYS)
        decimal = self._sign(fields, "decimal", ".", (".", ","))
        thousands = self._sign(fields, "thousands", "", (".", ",", " ", "'", "’"))
        if decimal == thousands:
            remedy = "Give each its own."
            fields.say(fields.place_of("thousands"), "decimal and thousands are one sign", remedy)
        dates = self._values.dates(fields) or Writing().dates
        self._values.writing = Writing(decimal, thousands, dates)
        return FileForm(
            encoding=self._encoding(fields),
            delimiter=self._sign(fields, "delimiter", ",", (",", ";", "\t", "|")),
            quote=self._sign(fields, "quote", '"', ('"', "'")),
            writing=self._values.writing,
            blank=frozenset({"", *self._values.texts(fields, "blank")}),
            as_of=self._values.source(fields, "as_of", CellType.DATE),
        )

    def _sign(self, fields: Fields, key: str, usual: str, known: tuple[str, ...]) -> str:
        found = fields.scalar(key)
        if found is None or found.text in known:
            return found.text if found else usual
        shown = ", ".join(repr(sign)[1:-1] for sign in known)
        fields.say(
            found.place, f"`{key}` cannot be `{found.text}`", f"It is one of {shown}, in quotes."
        )
        return usual

    def _encoding(self, fields: Fields) -> str:
        found = fields.scalar("encoding")
        if found is None:
            return FileForm().encoding
        try:
            name = codecs.lookup(found.text).name
        except LookupError:
            remedy = did_you_mean(found.text, ("utf-8", "cp1252", "cp1255", "cp1256", "latin-1"))
            fields.say(found.place, f"there is no encoding `{found.text}`", remedy or "Try utf-8.")
            return FileForm().encoding
        return FileForm().encoding if name == "utf-8" else name

    def _creditor(self, fields: Fields | None) -> CreditorForm | None:
        if fields is None:
            return None
        fields.allow(CREDITOR_KEYS)
        external_id = self._values.plain(fields, "external_id", needed=True)
        name = self._values.plain(fields, "name", needed=True)
        country = self._values.known(fields, "country", CellType.COUNTRY)
        zone = self._values.known(fields, "zone", CellType.ZONE)
        locale = self._values.known(fields, "locale", CellType.LOCALE)
        currency = self._values.known(fields, "currency", CellType.CURRENCY)
        role = fields.word("role", SenderRole)
        region = self._values.plain(fields, "region")
        sector = self._values.plain(fields, "sector")
        live = fields.flag("live")
        if not (external_id and name and country and zone and locale and currency):
            return None
        return CreditorForm(
            external_id=external_id,
            name=name,
            country=country,
            zone=zone,
            locale=locale,
            currency=currency,
            region=region,
            role=role or SenderRole.FIRST_PARTY,
            sector=sector,
            live=bool(live),
        )

    def _section(self, top: Fields, name: str) -> Sources:
        fields = top.table(name, f"`{name}`")
        if fields is None:
            return {}
        fields.allow(tuple(FIELDS[name]))
        for key in NEEDED[name]:
            if key not in fields:
                fields.say(
                    fields.place, f"`{name}` has no `{key}`", f"Add `{key}:` and its column."
                )
        if name == "settlement" and not any(key in fields for key in ("paid_on", "amount", "open")):
            fields.say(fields.place, "`settlement` tells nothing", "Add `paid_on:` and its column.")
        found = {key: self._values.source(fields, key, kind) for key, kind in FIELDS[name].items()}
        return {key: source for key, source in found.items() if source is not None}

    def _points(self, top: Fields) -> tuple[PointForm, ...]:
        found = []
        for fields in self._tables(top, "contacts"):
            fields.allow(POINT_KEYS)
            kinds = [kind for kind in AddressKind if str(kind) in fields]
            if len(kinds) != 1:
                remedy = "Give each its own entry."
                fields.say(fields.place, "a contact is a `phone` or an `email`", remedy)
                continue
            address = self._values.source(fields, str(kinds[0]), CellType.TEXT)
            region = self._values.source(fields, "region", CellType.COUNTRY)
            media = self._media(fields, kinds[0])
            if address is not None:
                found.append(PointForm(kinds[0], address, media, region))
        return tuple(found)

    def _media(self, fields: Fields, kind: AddressKind) -> tuple[Medium, ...]:
        if "media" not in fields:
            return _DEFAULT_MEDIA[kind]
        named = [chosen(item, Medium, self.report, "media") for item in fields.items("media") or ()]
        media = tuple(medium for medium in named if medium is not None)
        for medium in media:
            if medium not in _DEFAULT_MEDIA[kind]:
                problem = f"`{medium}` does not reach a {kind}"
                remedy = f"It is one of {', '.join(_DEFAULT_MEDIA[kind])}."
                fields.say(fields.place_of("media"), problem, remedy)
        return media

    def _consents(self, top: Fields) -> tuple[ConsentForm, ...]:
        found = []
        for fields in self._tables(top, "consents"):
            fields.allow(CONSENT_KEYS)
            medium = fields.word("medium", Medium, needed=True)
            if "given" not in fields:
                fields.say(fields.place, "a consent has no `given`", "Add `given:` and its column.")
            given = self._values.source(fields, "given", CellType.FLAG)
            at = self._values.source(fields, "at", CellType.DATE)
            evidence = self._values.source(fields, "evidence", CellType.TEXT)
            source = self._values.plain(fields, "source", needed=True)
            method = self._values.plain(fields, "method", needed=True)
            if medium and given and source and method:
                found.append(ConsentForm(medium, given, source, method, at, evidence))
        return tuple(found)

    def _tables(self, top: Fields, key: str) -> list[Fields]:
        found = []
        for node in top.items(key) or ():
            if isinstance(node, Table):
                found.append(Fields(node, self._context, f"an entry of `{key}`"))
            else:
                top.say(
                    node.place, f"`{key}` holds {describe(node)}", "Begin each entry with `- `."
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
                remedy = "Write small letters, digits and underscores, first a letter."
                top.say(key.place, f"`{key.text}` cannot name an attribute", remedy)
            elif not isinstance(value, Table):
                top.say(key.place, f"`{key.text}` has no type", "Give `column:` and `type:`.")
            else:
                found += self._attribute(key.text, Fields(value, self._context, f"`{key.text}`"))
        return tuple(found)

    def _attribute(self, name: str, fields: Fields) -> list[CustomForm]:
        fields.allow((*SOURCE_KEYS, "type"))
        fact_type = fields.word("type", FactType, needed=True)
        if fact_type is None:
            return []
        return [
            CustomForm(name, fact_type, self._values.told(fields, name, CUSTOM_TYPES[fact_type]))
        ]
