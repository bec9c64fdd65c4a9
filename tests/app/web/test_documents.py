"""The documents of invoices: one's own to download, an address only if it is encrypted."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.store.bulk import update_rows
from app.store.documents import Documents
from app.store.rows import Invoice
from tests.app.web.people import Payer, Stand, add_payer, change, one_value, standing
from tests.databases import on_both_stores
from tests.factories import add_invoice

PDF = b"%PDF-1.7\n%%EOF\n"
XML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'


@pytest.fixture
def documented(migrated_url: str, tmp_path: Path) -> Iterator[Stand]:
    with standing(migrated_url, documents=tmp_path / "documents") as stand:
        yield stand


def give(stand: Stand, payer: Payer, document: str, number: str = "D-1") -> int:
    return add_invoice(
        stand.database, payer.customer_id, number, due_on=date(2026, 12, 1), document=document
    )


def test_a_kept_file_is_downloaded_as_it_is(documented: Stand) -> None:
    kept = Documents(documented.settings.documents)
    payer = add_payer(documented, invoices=False)
    give(documented, payer, kept.keep(PDF, "חשבונית 7.pdf"))
    give(documented, payer, kept.keep(XML, "e-invoice.xml"), "D-2")

    with documented.client() as client:
        page = client.get(payer.path).text
        links = re.findall(r'class="document" href="([^"]*/documents/[^"]*)"', page)
        pdf, xml = (client.get(link) for link in links)
        head = client.head(links[0])

    assert (pdf.content, pdf.headers["content-type"]) == (PDF, "application/pdf")
    assert pdf.headers["content-disposition"] == (
        "attachment; filename*=utf-8''%D7%97%D7%A9%D7%91%D7%95%D7%A0%D7%99%D7%AA%207.pdf"
    )
    assert (xml.content, xml.headers["content-type"]) == (XML, "application/xml")
    assert xml.headers["content-disposition"] == 'attachment; filename="e-invoice.xml"'
    assert (head.status_code, head.content) == (200, b"")
    for answer in (pdf, xml, head):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_nobody_elses_document_is_handed_over(documented: Stand) -> None:
    kept = Documents(documented.settings.documents)
    payer, other = add_payer(documented), add_payer(documented, "Avi Levi", given_name="Avi")
    theirs = give(documented, other, kept.keep(PDF, "a.pdf"))

    with documented.client() as client:
        answers = [
            client.get(f"{payer.path}/documents/{asked}")
            for asked in (theirs, 999, "x", "9" * 30, "..%2f..%2fa.pdf", "-1", "²")
        ]
        change(documented, f"UPDATE link SET revoked_at = expires_at WHERE id = {other.link_id}")
        ended = client.get(f"{other.path}/documents/{theirs}")

    assert [answer.status_code for answer in answers] == [404] * 7
    assert all(PDF not in answer.content for answer in (*answers, ended))
    assert ended.status_code == 404


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "not here at the moment"),
        ("he", "המסמך הזה לא נמצא כאן"),
        ("ar", "هذا المستند غير متاح"),
        ("lt", "Šio dokumento čia"),
    ],
)
def test_a_file_that_is_gone_is_said_kindly(
    stand: Stand, client: TestClient, locale: str, words: str
) -> None:
    payer = add_payer(stand, locale=locale)
    gone = give(stand, payer, f"sha256:{'0' * 64}/a.pdf")

    answer = client.get(f"{payer.path}/documents/{gone}")

    assert answer.status_code == 404
    assert words in answer.text
    assert f'href="{payer.path}?lang={locale}"' in answer.text


@on_both_stores
@pytest.mark.parametrize(
    ("document", "link"),
    [
        ("https://books.example/7.pdf?a=1&b=2", "https://books.example/7.pdf?a=1&amp;b=2"),
        ("http://books.example/7.pdf", None),
        ("javascript:alert(1)", None),
        ("https://a:b@books.example/7.pdf", None),
        ("https:///7.pdf", None),
        ("https://[/7.pdf", None),
        ("file:///etc/passwd", None),
        ("invoices/7.pdf", None),
        ("sha256:nonsense", None),
    ],
)
def test_an_address_is_linked_only_if_it_is_encrypted(
    stand: Stand, client: TestClient, dana: Payer, document: str, link: str | None
) -> None:
    first = one_value(stand, f"SELECT min(id) FROM invoice WHERE customer_id = {dana.customer_id}")
    with stand.database.write() as session:
        update_rows(session, Invoice, [{"id": first, "document": document}])

    page = client.get(dana.path).text
    found = re.findall(r'<a class="document" href="([^"]*)" rel="noreferrer">', page)

    assert found == ([link] if link else [])
    assert page.count('class="document"') == len(found)
    assert client.get(f"{dana.path}/documents/{first}").status_code == 404
