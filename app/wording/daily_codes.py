"""The code of the day by which a customer and the creditor's staff know that a page is genuine.

A keyed hash of the customer and the day on the creditor's calendar: the page shows it, staff read
it out, and the creditor's own site asks whether it is right. It opens nothing.
"""

from __future__ import annotations

import hmac
from datetime import date, timedelta
from typing import Final

from app.wording.page_codes import drawn, read_code

LENGTH: Final = 6


def daily_code(secret: bytes, customer_id: int, on: date) -> str:
    """Six of 28 characters, in two groups: 28^6, or 29 bits."""
    return drawn(secret, f"duly/daily/{customer_id}/{on.isoformat()}", LENGTH)


def is_daily_code(secret: bytes, customer_id: int, typed: str, today: date) -> bool:
    """Whether it is the code of today, or of yesterday for whoever opened the page before
    midnight."""
    given, is_right = read_code(typed), False
    for on in (today, today - timedelta(days=1)):
        code = read_code(daily_code(secret, customer_id, on))
        is_right |= hmac.compare_digest(given.encode(), code.encode())
    return is_right
