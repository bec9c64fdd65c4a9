"""Twilio's error codes, each with what happens next. Data; `error_for` reads it.

Sources: Twilio's error dictionary (the names stand beside the codes of the same row), the pages of
30003, 30006, 21635, 63014, 63016, 63049, 90007 and 57012, and docs/channels.md for what a class
leads to. A code that stands nowhere here is `Unlisted`: final for its message, and told.

Where a code could be read two ways, the row says why it stands where it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

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
    provider_code,
)

PROVIDER: Final = "twilio"

_ROWS: Final[tuple[tuple[type[SendError], str, str], ...]] = (
    # the address
    (AddressInvalid, "21211 21217 21421 30014 60006 20023", "no such number"),
    (AddressInvalid, "21614 21635 30006", "a landline, or a carrier that takes no SMS"),
    (AddressInvalid, "30005", "unknown or given up; it may belong to somebody else by now"),
    (AddressInvalid, "63003 63024", "not on WhatsApp: closes the number for WhatsApp alone"),
    (AddressOptedOut, "21610", "opted out at Twilio: a STOP that we may have missed"),
    (AddressOptedOut, "63014 63033", "blocked by the user, or the user is blocked"),
    (
        AddressNotServed,
        "21408 21612 21202-21203 21214-21216",
        "our account or this route does not reach that country or number. The sender is fine for"
        " everybody else, so it is not stopped for one of them",
    ),
    (AddressNotServed, "30004", "blocked by the carrier or by the recipient's settings"),
    (AddressNotServed, "30011 60008 63035-63036", "this carrier or phone has no such medium"),
    (AddressNotServed, "63032", "in an experiment of WhatsApp; never tried again there"),
    (AddressNotServed, "63049", "Meta chose not to deliver it; at once again would be worse"),
    (RecipientUnreachable, "30003", "switched off or without service"),
    (RecipientUnreachable, "30008", "unknown: an hour later it may work"),
    # what we said
    (ContentRejected, "14103 21602 21605 21617-21618 21652 21658", "empty, too long, not sendable"),
    (ContentRejected, "21656 63005-63006 63021 63028 63030", "variables or content do not fit"),
    (ContentRejected, "30019 11750-11751 21620 21623", "too large, or a file that cannot be had"),
    (ContentRejected, "63019 63025 63034 63037 63043-63045 63047", "the same on WhatsApp"),
    (ContentForbidden, "30007", "filtered as spam or unwanted: the same words never again"),
    (ContentForbidden, "63013", "against the channel's policy, or blanks in a variable"),
    (ContentRejected, "30610 30640", "Compliance Toolkit: quiet hours, a known litigator"),
    (ContentForbidden, "30110-30111", "a link to a domain that is blocked"),
    (TemplateNotApproved, "21654-21655 63027 63029", "no such template, or not in this language"),
    (TemplateNotApproved, "63040-63042", "rejected, paused, disabled"),
    (WindowClosed, "63016", "free text outside the 24 hours"),
    (
        RequestMalformed,
        "14101 20001-20002 20004 20007 20009 20020 20161-20162 20404 20409-20410 20413"
        " 20422-20423 20426 21603-21604 21609 21616 21619 21624 21626-21631 21634 21644-21651"
        " 21653 30010 30012-30013 30015-30016 30028-30031 30112-30115 30124 30127-30128 30400"
        " 30404 30409 30436 63011 63031 90007",
        "a parameter that we got wrong",
    ),
    (RequestMalformed, "14107 14109", "too many answers between two numbers: a loop, not a pace"),
    (
        RequestMalformed,
        "12100 12200 12300 12400 21200-21201 21204-21209 21213 21218-21245 21247-21249"
        " 21251-21263 21401-21407 21409 21420 21422 21449-21458 21473-21481 21501-21504"
        " 30100-30109 30116-30123 30129-30133",
        "of calls, purchases and link shortening, none of which we use",
    ),
    # our sender and our account
    (SenderRejected, "21210 21212 21601 21606-21608 21613 21615 21621-21622 21657", "not a sender"),
    (SenderRejected, "21701-21705 21708-21729", "the messaging service or its registration"),
    (SenderRejected, "30018 30024 30032-30035 30125 20021", "not registered with the carriers"),
    (SenderRejected, "30440-30449 30460 30466 30863 30869", "registration refused"),
    (SenderRejected, "30450", "blocked as pumping: somebody has to look for abuse"),
    (SenderRejected, "63001-63002 63007-63008 63015 63020 63022 63051 63062", "on WhatsApp"),
    (SenderRejected, "63026", "flagged as spam"),
    (
        SenderRejected,
        "11200 11205-11206 11210 11215 11220 11235-11237 57012",
        "our webhook cannot be reached or trusted: a STOP may have been missed",
    ),
    (AccountStopped, "20003 20005-20006 20008 20010-20012 20403 30002 21470-21472", "the account"),
    (AccountStopped, "20101-20107 20151-20157 20159-20160", "our credentials"),
    (RateLimited, "20429", "never processed, always safe to try again"),
    (RateLimited, "21611 30001", "more than four hours are queued on this sender"),
    (RateLimited, "30017 30022 63017", "too fast for carrier or channel"),
    (RateLimited, "30023 30027 63018 63038", "the day's share is used up"),
    (Expired, "30036", "not delivered within its validity: meant"),
    # the provider
    (ProviderUnavailable, "21730 30020-30021 60001-60005", "maintenance, trouble of its own"),
    (ProviderUnavailable, "63009-63010 63012 63023", "trouble of the channel"),
    (NoAnswer, "20500 20503 30410", "it is not known whether it was taken"),
    # told, but of no message
    (Unlisted, "30009 30025-30026 63039 63046", "notices; as the error of a message unheard of"),
)


def _codes(row: str) -> Iterator[int]:
    for part in row.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _classes() -> Mapping[int, type[SendError]]:
    found: dict[int, type[SendError]] = {}
    for leaf, row, _ in _ROWS:
        for code in _codes(row):
            if code in found:
                raise ValueError(f"Twilio's code {code} stands twice in the table")
            found[code] = leaf
    return MappingProxyType(found)


CLASSES: Final = _classes()
"""What each known code means for a message."""


def error_for(code: object) -> SendError:
    """The error of a code as Twilio gives it, in an answer or in a status callback. Total."""
    cleaned = provider_code(code)
    known = CLASSES.get(int(cleaned)) if cleaned.isdecimal() else None
    return (known or Unlisted)(PROVIDER, cleaned)


def error_of_answer(status: int, code: object) -> SendError:
    """The error of a response that is no success. Total.

    A status of 500 and above leaves open whether the message was taken, whatever the code says;
    429 says that it was not. Without a code it was hardly Twilio that answered.
    """
    cleaned = provider_code(code) if code not in (None, "") else f"http-{status}"
    if status >= 500:
        return NoAnswer(PROVIDER, cleaned)
    if status == 429:
        return RateLimited(PROVIDER, cleaned)
    if cleaned.isdecimal():
        return error_for(cleaned)
    if status in (401, 403):
        return AccountStopped(PROVIDER, cleaned)
    return ProviderUnavailable(PROVIDER, cleaned)
