"""Every code that Twilio is known to give has a class, and an unknown one is final and told."""

import json
from pathlib import Path

import pytest

from channels.errors import (
    AccountStopped,
    AddressInvalid,
    AddressNotServed,
    AddressOptedOut,
    ContentForbidden,
    ContentRejected,
    Expired,
    NoAnswer,
    ProviderUnavailable,
    RateLimited,
    RecipientUnreachable,
    RequestMalformed,
    SenderRejected,
    SendError,
    TemplateNotApproved,
    Unlisted,
    WindowClosed,
)
from channels.twilio_codes import CLASSES, error_for, error_of_answer

EXPECTED: dict[type[SendError], str] = {
    AddressInvalid: "21211 21614 21635 30005 30006 63003 63024",
    AddressOptedOut: "21610 63014 63033",
    AddressNotServed: "30004 63032 63049 21408 21612",
    RecipientUnreachable: "30003 30008",
    ContentRejected: "21602 21617 21656 63005 63006 63021 63028 63030 30610 30640",
    ContentForbidden: "30007 63013",
    TemplateNotApproved: "21655 63027 63040 63041 63042",
    WindowClosed: "63016",
    RequestMalformed: "20404 21603 14107 30010 30012 90007",
    SenderRejected: "21606 21608 21703 21704 30018 30024 30035 30032 30033 30034 30450 30863 30460"
    " 30466 30869 63001 63007 63008 63020 63051 63015 63026 63062 11200 11205 57012",
    AccountStopped: "20003 30002",
    RateLimited: "20429 21611 30001 30017 30022 30023 30027 63017 63018 63038",
    Expired: "30036",
    ProviderUnavailable: "63009 63010 63012",
    NoAnswer: "20500 20503 30410",
}


@pytest.mark.parametrize(
    ("leaf", "code"), [(leaf, code) for leaf, row in EXPECTED.items() for code in row.split()]
)
def test_a_code_that_matters_has_its_class(leaf: type[SendError], code: str) -> None:
    assert error_for(code) == leaf("twilio", code)


def test_every_code_of_the_dictionary_is_classed(vectors: Path) -> None:
    dictionary = json.loads((vectors / "twilio" / "error_codes_messaging.json").read_text("utf-8"))
    known = {entry["code"] for entry in dictionary["codes"]}

    assert len(known) > 300
    assert sorted(known - CLASSES.keys()) == []


@pytest.mark.parametrize("code", [99999, "12345", "no code", None, "+972500000100"])
def test_a_code_that_nobody_knows_is_final_for_its_message_and_staff_are_told(code: object) -> None:
    error = error_for(code)

    assert isinstance(error, Unlisted)
    assert error.permanent
    assert error.alert


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 21211, AddressInvalid("twilio", "21211")),
        (401, 20003, AccountStopped("twilio", "20003")),
        (401, None, AccountStopped("twilio", "http-401")),
        (404, None, ProviderUnavailable("twilio", "http-404")),
        (429, None, RateLimited("twilio", "http-429")),
        (429, 20429, RateLimited("twilio", "20429")),
        (500, 20500, NoAnswer("twilio", "20500")),
        (503, 21211, NoAnswer("twilio", "21211")),
        (400, 99999, Unlisted("twilio", "99999")),
    ],
)
def test_an_answer_means_what_status_and_code_say_together(
    status: int, code: object, expected: SendError
) -> None:
    assert error_of_answer(status, code) == expected
