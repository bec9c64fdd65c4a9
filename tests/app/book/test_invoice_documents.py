"""An invoice's document is an address or a file beside the feed; what cannot be had is a note."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from app.book.importing import Options, import_files
from app.book.mapping.source import read_mapping
from app.store.documents import Documents
from app.store.engines import Database
from app.store.rows import Invoice
from tests.app.book.feeds import HEADER, MAPPING, write
from tests.app.book.make import NOW

PDF = b"%PDF-1.7\nan invoice"
TOLD = MAPPING + "  document: file\n"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_documents_are_kept_or_noted_and_the_invoice_goes_in(
    database: Database, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "in", tmp_path / "secret.pdf"
    (folder / "pdf").mkdir(parents=True)
    (folder / "pdf" / "1.pdf").write_bytes(PDF)
    (folder / "notes.txt").write_text("no document", "utf-8")
    outside.write_bytes(PDF)
    (folder / "link.pdf").symlink_to(outside)
    told = [
        "pdf/1.pdf",
        "https://example.com/i/2.pdf",
        "pdf\\1.pdf",
        "missing.pdf",
        "../secret.pdf",
        str(outside),
        "link.pdf",
        "notes.txt",
        "http://example.com/9.pdf",
        "javascript://example.com/%0aalert(1)",
        "https://user:word@example.com/1.pdf",
        "",
    ]
    rows = [f"C1,Dana,I{n},1,2026-09-01,{document}" for n, document in enumerate(told, start=1)]
    feed = write(folder, *rows, header=f"{HEADER},file")
    documents = Documents(tmp_path / "kept")
    mapping = read_mapping(TOLD, "m.yaml")

    (dry,) = import_files(
        database, [feed], mapping, Options(NOW, dry_run=True, documents=documents)
    )
    assert not (tmp_path / "kept").exists()
    (report,) = import_files(database, [feed], mapping, Options(NOW, documents=documents))
    (again,) = import_files(database, [feed], mapping, Options(NOW, documents=documents))

    assert (report.accepted, report.rejected, again.changed) == (12, 0, 0)
    assert [(note.line, note.text.partition(";")[0]) for note in report.notes] == [
        (5, "the document is not beside the feed"),
        (6, "the document lies outside the feed's folder"),
        (7, "the document lies outside the feed's folder"),
        (8, "the document lies outside the feed's folder"),
        (9, "the document is not kept: the document does not begin like a PDF, PNG, JPEG or XML"
            " file"),
        (10, "the document is no https address"),
        (11, "the document is no https address"),
        (12, "the document is no https address"),
    ]  # fmt: skip
    assert len(dry.notes) == len(report.notes) - 1  # what it is shows when it is kept
    with database.read() as session:
        kept = session.exec(select(Invoice.document).order_by(col(Invoice.id))).all()
    found = documents.find(str(kept[0]))
    assert found is not None
    assert (found.path.read_bytes(), found.name) == (PDF, "1.pdf")
    assert kept[1] == "https://example.com/i/2.pdf"
    assert kept[2] == kept[0]
    assert set(kept[3:]) == {None}
