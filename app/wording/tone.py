"""Words that have no place in a message: what a bystander may not read, and what wounds.

Stems, so that every ending is found. A rule about words is a floor: a person still reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

# A subject, a preheader and an SMS show on a locked screen; they may not tell of a debt.
TELLS_OF_DEBT: Mapping[str, tuple[str, ...]] = {
    "en": ("debt", "overdue", "past due", "arrears", "owe", "owing", "unpaid", "late payment",
           "outstanding", "collection", "delinquen", "default", "reminder"),
    "he": ("חוב", "בפיגור", "פיגור", "באיחור", "איחור", "לא שולם", "לא שולמה", "גבייה", "גביה",
           "הוצאה לפועל", "חייב", "תזכורת"),
    "ar": ("دين", "ديون", "مديون", "متأخر", "تأخير", "غير مسدد", "غير مدفوع", "تحصيل",
           "مستحقات", "متأخرات", "تذكير"),
    "lt": ("skol", "įsiskol", "vėluoj", "pavėluo", "pradels", "uždels", "neapmokėt", "nesumokėt",
           "išiešk", "priminim"),
    "de": ("schuld", "überfällig", "rückstand", "rückständ", "verzug", "säumig", "mahn", "inkasso",
           "unbezahlt", "nicht bezahlt", "nicht gezahlt", "ausstehend", "außenständ", "beitreib",
           "zahlungserinnerung", "erinnerung"),
}  # fmt: skip

THREATENS: Mapping[str, tuple[str, ...]] = {
    "en": ("final warning", "last warning", "legal action", "court", "lawsuit", "sue ", "bailiff",
           "consequence", "immediately", "or else", "must pay", "failure to", "failed to pay",
           "ignored", "you have not paid", "blacklist", "your fault", "seize", "penalt"),
    "he": ("אזהרה", "תביעה", "בית משפט", "בית המשפט", "הוצאה לפועל", "עיקול", "צעדים משפטיים",
           "הליכים משפטיים", "מיידית", "עליך לשלם", "חובתך", "התעלמת", "באשמתך", "קנס"),
    "ar": ("إنذار", "تحذير", "محكمة", "قضائي", "قانونية", "دعوى", "فورًا", "فورا", "يجب عليك",
           "عقوبة", "غرامة", "تجاهلت", "بسببك", "حجز"),
    "lt": ("įspėj", "teism", "antstol", "ieškin", "teisini", "nedelsiant", "privalote sumok",
           "baud", "ignoruo", "dėl jūsų kaltės", "pasekm", "areštuo"),
    "de": ("letzte warnung", "letzte mahnung", "letztmalig", "rechtliche schritte", "gericht",
           "klage", "vollstreck", "pfänd", "konsequenz", "umgehend", "unverzüglich", "andernfalls",
           "müssen sie zahlen", "ignorier", "versäumt", "ihre schuld", "schufa", "strafe",
           "beschlagnahm"),
}  # fmt: skip

# Stems that begin other words: a Hebrew or Arabic prefix letter may stand before a stem.
_PREFIX = {"he": "[ובהכלמש]{0,3}", "ar": "[وفبكل]{0,2}(?:ال)?", "en": "", "lt": "", "de": ""}


def telling_words(text: str, locale: str) -> tuple[str, ...]:
    """The words in `text` that would tell a bystander of a debt."""
    return words_found(text, locale, TELLS_OF_DEBT)


def threatening_words(text: str, locale: str) -> tuple[str, ...]:
    """The words in `text` that threaten or blame."""
    return words_found(text, locale, THREATENS)


def words_found(text: str, locale: str, table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The stems of the language that stand in `text`, as they are written there."""
    language = locale.partition("-")[0]
    stems = table.get(language, ())
    if not stems:
        return ()
    whole = language in {"he", "ar"}
    return tuple(dict.fromkeys(_pattern(stems, _PREFIX[language], whole).findall(text.lower())))


@lru_cache(maxsize=128)
def _pattern(stems: tuple[str, ...], prefix: str, whole: bool) -> re.Pattern[str]:
    # Hebrew and Arabic stems are short roots of many other words: there the word must end too.
    end = r"(?!\w)" if whole else ""
    return re.compile(rf"(?<!\w){prefix}({'|'.join(map(re.escape, stems))}){end}")
