"""How and when a customer wants to be written to: channel, language, hours, and their pay-day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.book.choices import Choosable
from app.intake.details import PAY_DAYS
from app.intake.opt_ins import agree_on_page
from app.intake.preferences import Reached, chosen_now, prefer, reached
from app.web.catalogues import N_, own_name
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, Fault, Filled, Moment, Shown, Way, always
from app.wording.files import LOCALES
from campaigns.packhours import own_week
from campaigns.vocabulary import Medium

MEDIA: Mapping[Medium, str] = {
    Medium.SMS: N_("SMS"),
    Medium.EMAIL: N_("Email"),
    Medium.WHATSAPP: N_("WhatsApp"),
}
AGREEMENT: Final = N_(
    "I agree to get messages on WhatsApp about my invoices and payments. I can take this back at"
    " any time, here or by writing STOP."
)
"""What is ticked: the very words go on record, in the language in which they stood there."""

TICK: Final = N_("Please tick the box to agree, or choose another channel.")
HOURS: Final = N_("Please choose a start, and an end at least two hours later.")
HOURS_OF_DAY: Final = range(8, 22)
_LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """All that the template shows: what may be chosen, and what is now."""

    media: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]
    hours: Sequence[str]
    pay_days: Sequence[str]
    agreement: str
    now: Mapping[str, str]


def _show(moment: Moment, typed: Filled) -> Shown:
    open_media = reached(moment.session, moment.found.concerned, moment.now)
    return Shown(
        Chosen(
            media=tuple((str(each.medium), moment.say(MEDIA[each.medium])) for each in open_media),
            languages=tuple((code, own_name(code)) for code in LOCALES),
            hours=tuple(f"{hour:02}:00" for hour in HOURS_OF_DAY),
            pay_days=tuple(map(str, PAY_DAYS)),
            agreement=moment.say(AGREEMENT) if _asks_consent(open_media) else "",
            now=typed if typed["nonce"] else _now(moment),
        )
    )


def _asks_consent(open_media: Sequence[Reached]) -> bool:
    return any(each.medium is Medium.WHATSAPP and not each.agreed for each in open_media)


def _now(moment: Moment) -> Mapping[str, str]:
    customer = moment.found.customer
    chosen = chosen_now(customer)
    begins, ends = _span(chosen.get(Choosable.HOURS))
    return Filled(
        {
            "medium": chosen.get(Choosable.PREFERRED_MEDIUM, ""),
            "locale": chosen.get(Choosable.LOCALE, "").partition("-")[0],
            "begins": begins,
            "ends": ends,
            "pay_day": str(customer.pay_day or ""),
        }
    )


def _span(hours: str | None) -> tuple[str, str]:
    """From when to when, where it is the same every day as this page says it."""
    spans = set(own_week(hours)) if hours else set()
    if len(spans) != 1 or (span := spans.pop()) is None:
        return "", ""
    begins, ends = (f"{minute // 60:02}:{minute % 60:02}" for minute in span)
    return begins, ends


def _prefer(moment: Moment, typed: Filled) -> Fault | None:
    open_media = {each.medium: each for each in reached(
        moment.session, moment.found.concerned, moment.now)}  # fmt: skip
    medium, locale, pay_day = typed["medium"], typed["locale"], typed["pay_day"]
    is_known = locale in ("", *LOCALES) and pay_day in ("", *map(str, PAY_DAYS))
    if not is_known or (medium and medium not in open_media):
        return Fault(CHOOSE)
    hours = _hours(typed)
    if hours is None:
        return Fault(HOURS, field="hours")
    if medium and not _has_agreed(moment, typed, open_media[Medium(medium)]):
        return Fault(TICK, field="agreed")
    found = moment.found
    prefer(
        moment.session,
        found.concerned,
        {
            Choosable.PREFERRED_MEDIUM: medium or None,
            Choosable.LOCALE: locale or None,
            Choosable.HOURS: hours or None,
        },
        pay_day=int(pay_day) if pay_day else None,
        message_id=found.link.message_id,
        now=moment.now,
    )
    return None


def _hours(typed: Filled) -> str | None:
    """The hours as they are kept, empty for any; None for what are no hours."""
    begins, ends = typed["begins"], typed["ends"]
    if not begins and not ends:
        return ""
    hours = {f"{hour:02}:00": hour for hour in HOURS_OF_DAY}
    if begins not in hours or ends not in hours or hours[ends] - hours[begins] < _LEAST:
        return None
    return f"mon-sun {begins}-{ends}"


def _has_agreed(moment: Moment, typed: Filled, chosen: Reached) -> bool:
    """Whether they may be written to there: WhatsApp wants their word, which goes on record."""
    if chosen.agreed or chosen.medium is not Medium.WHATSAPP:
        return True
    if typed["agreed"] != "yes":
        return False
    words = f"{moment.language}: {moment.say(AGREEMENT)}"
    agree_on_page(moment.session, moment.found.concerned, chosen.medium, words, now=moment.now)
    return True


WAY: Final = Way(
    "preferences",
    Purpose.PREFERENCES,
    N_("How we write to you"),
    always,
    _show,
    _prefer,
    N_("Noted. From our next message on we write as you asked."),
)
