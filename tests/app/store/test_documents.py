"""Documents: kept by content, known by their first bytes, never found outside their folder."""

from hashlib import sha256
from pathlib import Path

import pytest

from app.store.documents import MOST_BYTES, Document, DocumentRefused, Documents

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"
XML = b'<?xml version="1.0"?><Invoice/>'
DIGEST = sha256(PDF).hexdigest()


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(tmp_path / "kept")


def found(documents: Documents, reference: str) -> Document:
    document = documents.find(reference)
    assert document is not None
    return document


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [
        (PDF, "application/pdf", "INV-7.pdf"),
        (PNG, "image/png", "INV-7.png"),
        (JPEG, "image/jpeg", "INV-7.jpg"),
        (XML, "application/xml", "INV-7.xml"),
        (b"\xef\xbb\xbf" + XML, "application/xml", "INV-7.xml"),
        (XML.decode().encode("utf-16"), "application/xml", "INV-7.xml"),
        (b"\xfe\xff" + XML.decode().encode("utf-16-be"), "application/xml", "INV-7.xml"),
    ],
)
def test_what_was_kept_is_found_as_it_was(
    documents: Documents, content: bytes, media_type: str, name: str
) -> None:
    reference = documents.keep(content, "INV-7")
    document = found(documents, reference)
    assert reference == f"sha256:{sha256(content).hexdigest()}/{name}"
    assert (document.name, document.media_type) == (name, media_type)
    assert document.path.read_bytes() == content


def test_the_same_file_under_two_names_is_kept_once(documents: Documents, tmp_path: Path) -> None:
    first, second = documents.keep(PDF, "a.pdf"), documents.keep(PDF, "b.pdf")
    assert found(documents, first).path == found(documents, second).path
    assert (found(documents, first).name, found(documents, second).name) == ("a.pdf", "b.pdf")
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90", b"PK\x03\x04", b"<html>", b"<svg/>", b" %PDF-1.7", b"%PDF", b"<?XML"],
)
def test_a_file_is_judged_by_its_first_bytes_and_not_by_its_name(
    documents: Documents, tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(DocumentRefused, match="PDF, PNG, JPEG or XML"):
        documents.keep(content, "invoice.pdf")
    assert not files(tmp_path)


def test_twenty_megabytes_are_kept_and_a_byte_more_is_not(documents: Documents) -> None:
    largest = PDF.ljust(MOST_BYTES, b" ")
    assert documents.find(documents.keep(largest, "large.pdf"))
    with pytest.raises(DocumentRefused, match="20,971,521 bytes; at most 20,971,520"):
        documents.keep(largest + b" ", "large.pdf")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\books\חשבונית 7.PDF", "חשבונית 7.pdf"),
        ("invoice.pdf.exe", "invoice.pdf.exe.pdf"),
        ("invoice.html", "invoice.html.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf"),
        ('say "hi"; rm*.pdf', "say hi rm.pdf"),
        ("cod\u202efdp.exe", "codfdp.exe.pdf"),
        ("", "document.pdf"),
        ("..", "document.pdf"),
        (".pdf", "pdf.pdf"),
        ("x" * 300, "x" * 80 + ".pdf"),
        ("e\u0301tat.pdf", "\u00e9tat.pdf"),
    ],
)
def test_a_name_becomes_one_plain_file_name(documents: Documents, given: str, kept: str) -> None:
    reference = documents.keep(PDF, given)
    assert reference == f"sha256:{DIGEST}/{kept}"
    assert found(documents, reference).name == kept


def test_a_reference_that_was_tampered_with_leads_to_nothing_else(
    documents: Documents, tmp_path: Path
) -> None:
    (tmp_path / "secret.pdf").write_bytes(PDF)
    documents.keep(PDF, "a.pdf")
    for reference in (
        "secret.pdf",
        "../secret.pdf",
        "sha256:../../secret.pdf/a.pdf",
        f"sha256:{'0' * 64}/a.pdf",
        f"sha256:{DIGEST.upper()}/a.pdf",
        f"sha256:{DIGEST}",
        f"sha256:{DIGEST}/",
        f"SHA256:{DIGEST}/a.pdf",
        "https://books.example/a.pdf",
        "",
    ):
        assert documents.find(reference) is None, reference
    assert found(documents, f"sha256:{DIGEST}/../../b\n.html").name == "b.html.pdf"


def test_a_file_that_is_gone_or_was_spoilt_is_not_found(documents: Documents) -> None:
    reference = documents.keep(PDF, "a.pdf")
    path = found(documents, reference).path
    path.write_bytes(b"<html>")
    assert documents.find(reference) is None
    path.unlink()
    assert documents.find(reference) is None
    assert Documents(path / "never made").find(reference) is None


def test_a_write_that_fails_leaves_nothing_behind(documents: Documents, tmp_path: Path) -> None:
    (tmp_path / "kept" / DIGEST[:2] / DIGEST).mkdir(parents=True)  # a folder stands in its place
    with pytest.raises(OSError, match="directory"):
        documents.keep(PDF, "a.pdf")
    assert not files(tmp_path)
