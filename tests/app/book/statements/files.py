"""Statements as banks write them, made for these tests: camt.053 in two versions, and MT940."""

from __future__ import annotations

ACCOUNT = "LT121000011101001000"


def camt(
    *entries: str,
    version: str = "02",
    opening: str = "1000.00",
    closing: str | None = None,
    currency: str = "EUR",
    account: str = ACCOUNT,
    name: str = "2026-251",
) -> str:
    """One statement. `closing` None leaves the balances out."""
    balances = ""
    if closing is not None:
        balances = _balance("OPBD", opening, currency) + _balance("CLBD", closing, currency)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-09-08T06:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{name}</Id><CreDtTm>2026-09-08T06:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>{balances}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )


def _balance(code: str, amount: str, currency: str) -> str:
    mark = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        "<Dt><Dt>2026-09-07</Dt></Dt></Bal>"
    )


def entry(
    amount: str,
    *details: str,
    mark: str = "CRDT",
    bank_id: str | None = None,
    day: str = "2026-09-07",
    currency: str = "EUR",
    version: str = "02",
    status: str = "BOOK",
    reversal: bool = False,
    extra: str = "",
) -> str:
    told = f"<Sts><Cd>{status}</Cd></Sts>" if version >= "08" else f"<Sts>{status}</Sts>"
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"{'<RvslInd>true</RvslInd>' if reversal else ''}{told}"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"{f'<AcctSvcrRef>{bank_id}</AcctSvcrRef>' if bank_id else ''}{extra}"
        f"<NtryDtls>{''.join(details)}</NtryDtls></Ntry>"
    )


def details(
    *,
    text: str | None = None,
    reference: str | None = None,
    payer: str | None = None,
    iban: str | None = None,
    end_to_end: str | None = None,
    amount: str | None = None,
    currency: str = "EUR",
    version: str = "02",
    bank_id: str | None = None,
) -> str:
    own = f"<AcctSvcrRef>{bank_id}</AcctSvcrRef>" if bank_id else ""
    refs = f"<Refs>{own}{f'<EndToEndId>{end_to_end}</EndToEndId>' if end_to_end else ''}</Refs>"
    told = f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else ""
    if amount and version < "08":
        told = f"<AmtDtls><TxAmt>{told}</TxAmt></AmtDtls>"
    name = f"<Nm>{payer}</Nm>"
    party = f"<Dbtr>{f'<Pty>{name}</Pty>' if version >= '08' else name}</Dbtr>" if payer else ""
    account = f"<DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct>" if iban else ""
    structured = f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>"
    free = f"<Ustrd>{text}</Ustrd>" if text else ""
    remittance = f"<RmtInf>{free}{structured if reference else ''}</RmtInf>"
    return f"<TxDtls>{refs}{told}<RltdPties>{party}{account}</RltdPties>{remittance}</TxDtls>"


def mt940(
    *moves: str, opening: str = "C260906EUR1000,00", closing: str = "C260907EUR1000,00"
) -> str:
    """One statement in a SWIFT envelope."""
    body = "\n".join(moves)
    return (
        "{1:F01BANKLT2XXXXX0000000000}{2:I940BANKLT2XXXXXN}{4:\n"
        f":20:STARTUMSE\n:25:{ACCOUNT}\n:28C:251/1\n:60F:{opening}\n"
        f"{body}\n:62F:{closing}\n:86:every movement of the day\n-}}\n"
    )
