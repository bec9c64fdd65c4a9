"""Mails that machines write: bounces, complaints and automatic answers, as recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.hearing.automatic import Automatic, automatic_of
from app.hearing.bounces import Bounce, Failure, bounce_of, nuisance_of
from app.hearing.mail import Mail, read_mail

# Where we read more than the library does, whose own tests expect nothing: the address stands in
# the report's fields.
READ_BY_FIELDS = {
    "simple_42.txt": ["david...@gmail.com"],
    "groupwise_02.txt": ["userx@example.com"],
}

# Where we differ from Sisimai on whether the mailbox is gone, and why.
CLOSED_BY_US = {
    "lhost-amazonses-02.eml": "says 'Unknown user'; theirs goes by the server's habit (filtered)",
    "lhost-mailru-07.eml": "says 'Unknown user', at the end of DATA (filtered)",
    "lhost-postfix-01.eml": "status 5.1.1; theirs goes by 'Command died' (mailererror)",
    "lhost-postfix-03.eml": "says 'Unknown user', at the end of DATA (filtered)",
    "lhost-postfix-07.eml": "says 'User unknown'; theirs goes by the server's habit (filtered)",
    "lhost-receivingses-01.eml": "status 5.1.1 (filtered)",
    "lhost-receivingses-02.eml": "status 5.1.1 (filtered)",
    "lhost-yahoo-06.eml": "says that the user is unknown (filtered)",
    "lhost-zoho-03.eml": "says 'Invalid Address … mailbox unavailable' (filtered)",
    "rfc3464-35.eml": "one of its two recipients is unknown; theirs looks at the first (rejected)",
    "rhost-google-01.eml": "status 5.2.1, the mailbox is disabled (suspend)",
}
LEFT_OPEN_BY_US = {
    "lhost-domino-02.eml": "its reason is told in Japanese alone",
    "lhost-exim-30.eml": "5.7.1 is policy, and its words do not say that nobody is there",
    "lhost-exim-31.eml": "says that the domain may not exist, or may be on a list",
    "lhost-mailru-05.eml": "says that mail is not accepted, which may pass",
    "lhost-outlook-03.eml": "a name server that did not answer may do so tomorrow",
    "lhost-qmail-11.eml": "5.4.4, no route: that may pass",
    "lhost-qmail-12.eml": "5.4.4, no route: that may pass",
    "lhost-yahoo-09.eml": "says that mail is not accepted, which may pass",
}
# Notifications of a service that we do not send by, as JSON: nothing closes by them.
NO_MAILS = {"lhost-amazonses-12.eml", "lhost-amazonses-13.eml"}
# An unsubscribe by mail: the words of a person, and taken as such.
UNSUBSCRIBES = {"arf-26.eml"}


def _cases(vectors: Path, kind: str) -> Iterator[tuple[dict[str, Any], Mail]]:
    listed = json.loads((vectors / "email" / f"bounce_{kind}_expected.json").read_text("utf-8"))
    for case in listed["cases"]:
        yield case, read_mail((vectors / "email" / case["file"]).read_bytes())


def test_bounces_name_whom_the_library_names(vectors: Path) -> None:
    asked = 0
    for case, mail in _cases(vectors, "flufl"):
        bounce = bounce_of(mail)
        expected = sorted(address.lower() for address in case["addresses"])
        if case["id"] in READ_BY_FIELDS:
            expected = READ_BY_FIELDS[case["id"]]
        elif not expected:
            assert bounce is None, case["id"]
        else:
            assert bounce is not None, case["id"]
            assert bounce.permanent == case["permanent"], case["id"]
        assert sorted(bounce.failed if bounce else ()) == expected, case["id"]
        asked += 1
    assert asked == 81


def test_only_a_mailbox_that_is_gone_closes_its_address(vectors: Path) -> None:
    closed, left_open, asked = set(), set(), 0
    for case, mail in _cases(vectors, "sisimai"):
        if case["kind"] != "bounce" or case["expected"][0]["reason"] == "delivered":
            continue
        bounce = bounce_of(mail)
        assert bounce is not None, case["id"]
        asked += 1
        if _is_gone(bounce) and not case["expected"][0]["hard_bounce"]:
            closed.add(case["id"])
        if case["expected"][0]["hard_bounce"] and not _is_gone(bounce):
            left_open.add(case["id"])
    assert asked == 146
    assert closed == set(CLOSED_BY_US)
    assert left_open == set(LEFT_OPEN_BY_US)


def test_full_and_blocked_mailboxes_stay_open(vectors: Path) -> None:
    passing = {"mailboxfull", "blocked", "badreputation", "requireptr", "expired", "authfailure"}
    asked = 0
    for case, mail in _cases(vectors, "sisimai"):
        if case["expected"][0]["reason"] in passing:
            bounce = bounce_of(mail)
            assert bounce is not None, case["id"]
            assert bounce.failure is not Failure.NO_MAILBOX, case["id"]
            asked += 1
    assert asked > 30


def test_what_arrived_is_no_bounce(vectors: Path) -> None:
    for case, mail in _cases(vectors, "sisimai"):
        if case["expected"][0]["reason"] != "delivered":
            continue
        bounce = bounce_of(mail)
        if case["id"] in NO_MAILS:
            assert bounce is not None
            assert bounce.failure is Failure.UNKNOWN
        else:
            assert bounce is None, case["id"]


def test_complaints_are_told_from_reports_about_signatures(vectors: Path) -> None:
    asked = 0
    for case, mail in _cases(vectors, "sisimai"):
        if case["kind"] == "arf" and case["id"] not in UNSUBSCRIBES:
            about_signature = case["expected"][0]["feedback_type"] == "auth-failure"
            assert (nuisance_of(mail) is None) is about_signature, case["id"]
            asked += 1
        elif case["kind"] != "arf":
            assert nuisance_of(mail) is None, case["id"]
    assert asked == 9


def test_headers_tell_a_machine(vectors: Path) -> None:
    listed = json.loads((vectors / "email" / "auto_reply_headers.json").read_text("utf-8"))
    for case in listed["cases"]:
        head = "".join(f"{name}: {value}\r\n" for name, value in case["headers"].items())
        mail = read_mail(f"{head}\r\nhello".encode())
        assert (automatic_of(mail) is not None) is case["automated"], case["id"]
    for case, mail in _cases(vectors, "sisimai"):
        if case["kind"] == "auto-reply":
            assert automatic_of(mail) is Automatic.OTHER, case["id"]
            assert bounce_of(mail) is None, case["id"]


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your account", "Out of Office Re: Your account",
        "Automatische Antwort: Ihr Konto", "Abwesenheitsnotiz",
        "Réponse automatique : Votre compte",
        "Respuesta automática: Su cuenta", "Risposta automatica: Il tuo conto",
        "Odpowiedź automatyczna: Twoje konto", "Автоматический ответ: Ваш счёт",
        "Automatinis atsakymas: Jūsų sąskaita", "תשובה אוטומטית: החשבון שלך",
        "رد تلقائي: حسابك",
    ],
)  # fmt: skip
def test_a_subject_tells_an_automatic_answer_in_every_language(subject: str) -> None:
    mail = _said(subject, "I am out of the office until 5 May.")

    assert automatic_of(mail) is Automatic.OTHER


@pytest.mark.parametrize(
    "words",
    [
        "Dana Cohen no longer works here.", "Dana has left the company.",
        "Dana Cohen arbeitet nicht mehr bei uns.", "Mme Cohen ne travaille plus ici.",
        "Dana ya no trabaja en la empresa.", "Dana non lavora più con noi.",
        "Dana Cohen już nie pracuje w naszej firmie.", "Дана больше не работает в компании.",
        "Dana pas mus nebedirba.", "דנה כבר לא עובדת כאן.",
        "لم تعد تعمل دانا لدينا.",
    ],
)  # fmt: skip
def test_somebody_who_left_is_noticed_in_every_language(words: str) -> None:
    assert automatic_of(_said("Automatic reply: Your account", words)) is Automatic.GONE


@pytest.mark.parametrize("subject", ["Re: Your account", "automatically paid", "Out of money"])
def test_a_person_is_no_machine(subject: str) -> None:
    assert automatic_of(_said(subject, "I no longer work there, please stop")) is None


def _said(subject: str, words: str) -> Mail:
    return read_mail(f"From: d@e.example\r\nSubject: {subject}\r\n\r\n{words}".encode())


def _is_gone(bounce: Bounce) -> bool:
    return bounce.permanent and bounce.failure is Failure.NO_MAILBOX
