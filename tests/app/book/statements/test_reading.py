"""Statements of every kind are recognised and read; what cannot be taken has a reason."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.book.errors import BookError, FeedError, MappingError
from app.book.statements.reading import read_statements
from app.book.statements.statement import Direction, Statement
from campaigns.money import Money
from tests.app.book.statements.files import ACCOUNT, camt, details, entry, mt940

STRUCTURED = (
    ":61:2609070907C120,50NTRFNONREF//BANK-1\n"
    ":86:166?00GUTSCHRIFT?20EREF+E2E-1?21SVWZ+Invoice INV-1001?22 thank you"
    "?30BANKLT2X?31LT601010012345678901?32ADA?33 LOVELACE"
)
FREE = ":61:2609070907C79,50NTRFCUST-REF//BANK-2\n:86:Invoice INV-1002 from Ben"


def read(
    folder: Path, text: str | bytes, *, mapping: str | None = None, encoding: str = "utf-8"
) -> list[Statement]:
    path = folder / "statement"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    form = None
    if mapping is not None:
        form = folder / "map.yaml"
        form.write_text(mapping, "utf-8")
    return read_statements(path, currency="EUR", mapping=form, encoding=encoding)


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_camt_statement_is_read_in_every_version(tmp_path: Path, version: str) -> None:
    paid = details(
        text="Invoice INV-1001",
        reference="RF18539007547034",
        payer="Ada Lovelace",
        iban="LT60 1010 0123 4567 8901",
        end_to_end="E2E-1",
        version=version,
    )

    (found,) = read(
        tmp_path,
        camt(
            entry("120.50", paid, bank_id="BANK-1", version=version),
            entry("20.50", mark="DBIT", version=version),
            entry("7.00", status="PDNG", version=version),
            version=version,
            closing="1100.00",
        ),
    )

    credit, debit = found.entries
    assert (credit.amount, credit.direction) == (Money(12050, "EUR"), Direction.CREDIT)
    assert (credit.bank_id, credit.end_to_end_id) == ("BANK-1", "E2E-1")
    assert (credit.references, credit.text) == (("RF18539007547034",), "Invoice INV-1001")
    assert (credit.payer, credit.payer_account) == ("Ada Lovelace", "LT601010012345678901")
    assert credit.booked_on == date(2026, 9, 7)
    assert debit.direction is Direction.DEBIT
    assert (found.account, found.pending, found.mismatch()) == (ACCOUNT, 1, 0)


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_batch_is_split_by_its_details(tmp_path: Path, version: str) -> None:
    parts = [
        details(text=f"INV-{number}", amount=amount, version=version)
        for number, amount in (("1", "70.00"), ("2", "30.00"))
    ]

    (found,) = read(
        tmp_path, camt(entry("100.00", *parts, bank_id="B", version=version), version=version)
    )

    assert [(part.place, part.amount.minor, part.bank_id) for part in found.entries] == [
        ("1.1", 7000, "B/1"),
        ("1.2", 3000, "B/2"),
    ]


def test_a_batch_whose_parts_do_not_come_to_its_sum_stays_whole(tmp_path: Path) -> None:
    parts = [details(amount="70.00"), details(amount="29.00")]

    (found,) = read(tmp_path, camt(entry("100.00", *parts)))

    assert [part.amount.minor for part in found.entries] == [10000]


def test_what_went_back_is_told_from_what_went_out(tmp_path: Path) -> None:
    returned = "<BkTxCd><Domn><Fmly><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd>"

    (found,) = read(
        tmp_path,
        camt(
            entry("1.00", mark="DBIT", reversal=True),
            entry("2.00", mark="DBIT", extra=returned),
            entry("3.00", mark="CRDT", reversal=True),
            entry("4.00", mark="DBIT"),
            entry("5.00", mark="CRDT", extra="<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"),
            closing="1001.00",
        ),
    )

    assert [each.direction for each in found.entries] == [
        Direction.CREDIT_REVERSED,
        Direction.CREDIT_REVERSED,
        Direction.DEBIT_REVERSED,
        Direction.DEBIT,
        Direction.DEBIT_REVERSED,
    ]
    assert found.mismatch() == 0


def test_each_bad_entry_has_its_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    (found,) = read(
        tmp_path,
        camt(
            entry("-5.00"),
            entry("5.00", currency="XQX"),
            entry("5.001"),
            entry("5.5", currency="JPY"),
            entry("5.00", day="2026-02-31"),
            entry("1,000.00"),
            entry("0.500", currency="KWD"),
            closing="1000.00",
        ),
    )

    assert [(fault.place, fault.reason) for fault in found.faults] == [
        ("1", "its amount is no number without a sign"),
        ("2", "its currency is not known"),
        ("3", "its amount has more decimals than EUR holds"),
        ("4", "its amount has more decimals than JPY holds"),
        ("5", "its date is no date"),
        ("6", "its amount is no number without a sign"),
    ]
    assert [each.amount for each in found.entries] == [Money(500, "KWD")]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&b;</Document>'
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (camt(entry("1.00"))[:-40], "no whole XML document"),
        (BOMB, "declares a document type"),
        ('<Document xmlns="urn:other"/>', "not a camt.053"),
        (camt().replace("Stmt>", "Rpt>").replace("BkToCstmrRpt", "BkToCstmrStmt"), "no statement"),
        ("", "is empty"),
        ("hello\nworld\n", "can be recognised"),
        ("Date,Amount\n" + "9" * 200_000, "cannot be read as CSV"),
        (b"\x00\x01\x02", "is no text"),
        (b"Date,Amount\n2026-09-07,1.00\xff\n", "is not written in utf-8"),
        ("Date,Amount\n03/04/2026,1.00\n", "can be read in two ways"),
        ("Date,Amount\n2026-09-07,\"1.234,50\"\n", "amounts that can be read in two ways"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_statement_says_why(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    with pytest.raises(FeedError, match=reason):
        read(tmp_path, content)


def test_mt940_is_read_with_structured_and_free_details(tmp_path: Path) -> None:
    (found,) = read(tmp_path, mt940(STRUCTURED, FREE, closing="C260907EUR1200,00"))

    first, second = found.entries
    assert (first.amount, first.bank_id) == (Money(12050, "EUR"), "BANK-1")
    assert (first.end_to_end_id, first.text) == ("E2E-1", "Invoice INV-1001 thank you")
    assert (first.payer, first.payer_account) == ("ADA LOVELACE", "LT601010012345678901")
    assert (second.text, second.references) == ("Invoice INV-1002 from Ben CUST-REF", ())
    assert (found.account, found.name, found.mismatch()) == (ACCOUNT, "251/1", 0)
    assert found.closed_on == date(2026, 9, 7)


def test_mt940_with_slashed_details_and_reversals(tmp_path: Path) -> None:
    moves = (
        ":61:2609070907C10,NTRFNONREF\n:86:/EREF/E-9/NAME/Ada/REMI/INV-1/IBAN/LT60/",
        ":61:2609070907RC10,NTRFNONREF\n:86:sent back",
        ":61:2609070907D5,NRTINONREF\n:86:returned",
        ":61:2609070907RD2,NTRFNONREF\n:86:ours",
        ":61:2609070907C3,NMSCNONREF\n:86:159?20our transfer came back",
    )

    (found,) = read(tmp_path, mt940(*moves, closing="C260907EUR1000,00"))

    assert [each.direction for each in found.entries] == [
        Direction.CREDIT,
        Direction.CREDIT_REVERSED,
        Direction.CREDIT_REVERSED,
        Direction.DEBIT_REVERSED,
        Direction.DEBIT_REVERSED,
    ]
    first = found.entries[0]
    assert (first.end_to_end_id, first.payer, first.text) == ("E-9", "Ada", "INV-1")
    assert found.mismatch() == 0


def test_a_movement_that_mt940_cannot_say_stays_out_alone_and_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    (found,) = read(
        tmp_path,
        mt940(":61:26XX070907C1,00NTRFsecret-payer", FREE, ":61:2609070907C3,00\n:86:no type"),
    )

    assert [fault.place for fault in found.faults] == ["1"]
    assert [each.amount.minor for each in found.entries] == [7950, 300]
    assert "secret-payer" not in caplog.text


def test_a_csv_is_recognised_by_headers_that_leave_no_doubt(tmp_path: Path) -> None:
    (found,) = read(
        tmp_path,
        "Buchungstag;Betrag;Währung;Verwendungszweck;Name;IBAN\n"
        "07.09.2026;120,50;EUR;INV-1001;Ada;LT60 1010\n"
        "07.09.2026;-20,00;EUR;rent;Landlord;\n"
        "07.09.2026;abc;;;;\n".replace("abc", ""),
    )

    credit, debit = found.entries
    assert (credit.amount, credit.text, credit.payer) == (Money(12050, "EUR"), "INV-1001", "Ada")
    assert credit.payer_account == "LT601010"
    assert debit.direction is Direction.DEBIT
    assert [(fault.place, fault.reason) for fault in found.faults] == [("4", "it has no amount")]
    assert found.mismatch() is None


MAPPING = """\
schema: duly-statement/1
account: IL620108000000099999999
currency: ILS
file: { delimiter: "\\t", decimal: ".", thousands: ",", dates: "%d/%m/%Y" }
columns: { booked_on: day, credit: in, debit: out, text: [what, more], bank_id: id }
"""


def test_a_csv_is_read_by_a_mapping_and_in_its_encoding(tmp_path: Path) -> None:
    text = "day\tin\tout\twhat\tmore\tid\n07/09/2026\t1,240.50\t\tחשבון\tINV-7\t99\n"

    (found,) = read(tmp_path, text.encode("cp1255"), mapping=MAPPING, encoding="cp1255")

    (credit,) = found.entries
    assert (credit.amount, credit.text) == (Money(124050, "ILS"), "חשבון INV-7")
    assert (found.account, credit.bank_id) == ("IL620108000000099999999", "99")


def test_a_wrong_mapping_says_where_and_what(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as problem:
        read(tmp_path, "day\n", mapping=MAPPING.replace("booked_on: day, ", "bookd_on: day, "))

    assert "map.yaml:5:12" in str(problem.value)
    assert "has no `booked_on`" in str(problem.value)


def test_a_mapping_that_names_a_missing_column_says_so(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="no column `day`"):
        read(tmp_path, "Day\tin\tout\twhat\tmore\tid\n", mapping=MAPPING)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_xml_is_read_in_the_encoding_that_it_declares(tmp_path: Path, encoding: str) -> None:
    text = camt(entry("1.00", details(payer="José"))).replace("UTF-8", encoding.upper())

    (found,) = read(tmp_path, text.encode(encoding))

    assert found.entries[0].payer == "José"


def test_an_entry_of_nothing_and_one_beyond_all_money_stay_out(tmp_path: Path) -> None:
    (found,) = read(tmp_path, camt(entry("0.00"), entry("9" * 16)))

    assert [fault.reason for fault in found.faults] == [
        "its amount is nothing",
        "its amount is no number without a sign",
    ]


def test_pages_of_a_statement_have_their_own_balances(tmp_path: Path) -> None:
    first = mt940(FREE, closing="C260907EUR1079,50").replace(":62F:", ":62M:")
    second = mt940(FREE, opening="C260907EUR1079,50", closing="C260907EUR1159,00")

    pages = read(tmp_path, first + second.replace(":60F:", ":60M:"))

    assert [page.mismatch() for page in pages] == [0, 0]


SOURCES = (
    camt(entry("120.50", details(text="INV-1", amount="120.50")), closing="1120.50"),
    mt940(STRUCTURED, FREE, closing="C260907EUR1200,00"),
    "Date;Amount;Text\n07.09.2026;1,00;INV-1\n",
)


@settings(max_examples=150)
@given(st.sampled_from(SOURCES), st.data())
def test_a_damaged_file_is_refused_or_read_and_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, source: str, data: st.DataObject
) -> None:
    content = bytearray(source.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=3))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(bytes(content))

    with suppress(BookError):
        for statement in read_statements(path, currency="EUR"):
            assert statement.mismatch() is None or isinstance(statement.mismatch(), int)
