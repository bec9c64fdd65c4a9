"""Reads a mapping file: YAML 1.2 into a `FeedMapping`, or all that is wrong with it at once."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from app.book.errors import FeedError, MappingError
from app.book.mapping.cells import CellType
from app.book.mapping.form_source import read_form
from app.book.mapping.keys import CREDITOR_KEYS, FILE_OF_SEVERAL_KEYS, SCHEMA, SECTIONS
from app.book.mapping.part_source import PartReader
from app.book.mapping.shape import CreditorForm, FeedMapping, FileForm, Part
from app.book.mapping.values import Values
from campaigns.findings import Place, Report
from campaigns.language_source import Scalar, Table, read_tree
from campaigns.language_values import Context, Fields
from campaigns.vocabulary import SenderRole
from campaigns.worded import verbatim, worded

_TOP = Place(1, 1)


def load_mapping(path: Path) -> FeedMapping:
    """Reads a mapping file. Raises `MappingError`, or `FeedError` when there is no such text."""
    try:
        return read_mapping(path.read_text("utf-8-sig"), str(path))
    except OSError as error:
        raise FeedError(
            worded(
                "%(file)s cannot be opened (%(why)s); check its path", file=path, why=error.strerror
            )
        ) from None
    except UnicodeDecodeError:
        raise FeedError(worded("%(file)s is not UTF-8 text; save it as UTF-8", file=path)) from None


def read_mapping(text: str, file: str) -> FeedMapping:
    """The mapping that `text` holds. Raises `MappingError` with every finding; `file` names it."""
    report = Report(file)
    root = read_tree(text, report)
    if isinstance(root, Table):
        mapping = _Reader(report).mapping(root, text)
    else:
        mapping = None
        if root is not None:
            report.add(
                root.place,
                worded("a mapping is a table"),
                worded("Begin with `schema: %(schema)s`.", schema=SCHEMA),
            )
    if mapping is None or report.findings:
        if not report.findings:
            report.add(
                _TOP,
                worded("the mapping is empty"),
                worded("Begin with `schema: %(schema)s`.", schema=SCHEMA),
            )
        raise MappingError(report.findings)
    return mapping


class _Reader:
    """Reads the sections of one file into one report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._context = Context(report, {}, None)
        self._values = Values(report)

    def mapping(self, root: Table, text: str) -> FeedMapping | None:
        top = Fields(root, self._context, worded("a mapping"))
        top.allow(SECTIONS)
        self._schema(top)
        if "creditor" not in top:
            top.say(
                top.place,
                worded(
                    "%(what)s has no `%(key)s`",
                    what=top.what,
                    key="creditor",
                ),
                worded(
                    "Add `%(key)s:`.",
                    key="creditor",
                ),
            )
        creditor = self._creditor(top.table("creditor", "`creditor`"))
        parts = self._parts(top) if "files" in top else self._only_part(top)
        if creditor is None:
            return None
        digest = sha256(text.encode()).hexdigest()
        return FeedMapping(self.report.file, digest, creditor, parts, text)

    def _only_part(self, top: Fields) -> tuple[Part, ...]:
        return (PartReader(self._context).part(top, "", (), FileForm()),)

    def _parts(self, top: Fields) -> tuple[Part, ...]:
        """The entries of `files`. What `file` says above them counts for all."""
        for section in SECTIONS[3:]:
            if section in top and section != "file":
                problem = worded("`%(section)s` stands beside `files`", section=section)
                top.say(
                    top.place_of(section),
                    problem,
                    worded("Move it into the file whose rows say it."),
                )
        usual = read_form(top.table("file", "`file`"), self._values, FileForm())
        node = top.node("files", needed=True)
        if not isinstance(node, Table):
            if node is not None:
                top.say(
                    node.place,
                    worded("`files` is no table"),
                    worded("Give each kind of file a name."),
                )
            return ()
        found = []
        for key, value in node.entries:
            if not isinstance(value, Table):
                top.say(
                    key.place,
                    worded("`%(name)s` says nothing", name=key.text),
                    worded("Add `name:` and what rows say."),
                )
                continue
            fields = Fields(value, self._context, verbatim(f"`{key.text}`"))
            fields.allow(FILE_OF_SEVERAL_KEYS)
            patterns = self._values.texts(fields, "name")
            if not patterns:
                remedy = worded(
                    'Add `name:` and how its files are called, such as "invoices*.csv".'
                )
                fields.say(fields.place, worded("`%(name)s` has no `name`", name=key.text), remedy)
            found.append(PartReader(self._context).part(fields, key.text, patterns, usual))
        return tuple(found)

    def _schema(self, top: Fields) -> None:
        schema = top.scalar("schema", needed=True)
        if isinstance(schema, Scalar) and schema.text != SCHEMA:
            top.say(
                schema.place,
                worded("`schema` is `%(text)s`", text=schema.text),
                worded("Write `schema: %(schema)s`.", schema=SCHEMA),
            )

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
