"""Numbers and mailboxes in their one canonical form, so that a suppression finds every spelling."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
)

from app.book.errors import AddressError
from campaigns.area_codes import AREAS, Area
from campaigns.worded import worded

_MAILBOX = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?:[^\s@.]{1,63}\.)+[^\s@.]{2,63}")
_TAKES_NO_TEXT = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
_IS_ANSWERED = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.VOIP,
    }
)


@lru_cache(maxsize=20_000)  # a customer's rows stand close together
def canonical_phone(text: str, region: str | None) -> str:
    """E.164. `region` (ISO 3166) is where a number without a country code is.

    Raises `AddressError` for a number that does not exist or that takes no text messages.
    """
    number = _existing(text, region)
    if phonenumbers.number_type(number) in _TAKES_NO_TEXT:
        raise AddressError(worded("is a number that takes no text messages"))
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def canonical_called(text: str, region: str | None) -> str:
    """The same for a number that is called: one at home will do, one that costs extra will not."""
    number = _existing(text, region)
    if phonenumbers.number_type(number) not in _IS_ANSWERED:
        raise AddressError(worded("is a number that nobody is called at"))
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _existing(text: str, region: str | None) -> PhoneNumber:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        raise AddressError(worded("is no phone number; check it, or give a region")) from None
    if not phonenumbers.is_valid_number(number):
        raise AddressError(worded("is no phone number that exists"))
    return number


def area_of(number: str) -> Area | None:
    """Where a number (E.164) is from; None for one that is given out anywhere, and for a mailbox.

    North America by its area code, any other country by its calling code.
    """
    if number.startswith("+1"):
        return AREAS.get(number[2:5])
    for length in (2, 3, 4):
        if (found := _BY_CALLING_CODE.get(number[:length])) is not None:
            return found if found.country else _looked_up(number)
    return None


_ANYWHERE, _SHARED = "001", Area("")
_BY_CALLING_CODE = {
    f"+{code}": Area(regions[0]) if len(regions) == 1 else _SHARED
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    if _ANYWHERE not in regions
}
"""Several countries share a code: of these the whole number tells which."""


@lru_cache(maxsize=20_000)
def _looked_up(number: str) -> Area | None:
    country = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return Area(str(country)) if country else None


def canonical_email(text: str) -> str:
    """Small letters and no blanks around. Raises `AddressError` for what is no mailbox."""
    mailbox = text.strip().lower()
    if len(mailbox) > 254 or not _MAILBOX.fullmatch(mailbox):
        raise AddressError(worded("is no email address"))
    return mailbox
