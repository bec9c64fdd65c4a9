"""Mails that no person wrote just now: out of office, receipts, lists. Pure.

By their headers (RFC 3834, and what mail servers set besides), else by how their subject begins,
in the languages that we write. One kind matters: somebody does not work there any more.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from app.hearing.mail import Mail

_BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
# Any value of these tells a machine.
_TELLING: Final = (
    "x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-autoresponder",
    "x-autoreply-from", "x-mail-autoreply", "x-ms-exchange-inbox-rules-loop", "x-loop",
    "x-no-loop", "list-id", "list-unsubscribe", "feedback-id", "x-auto-reply",
)  # fmt: skip
_COMMENT: Final = re.compile(r"\([^()]*\)|;.*", re.DOTALL)

_SUBJECTS: Final = re.compile(
    r"\W*(?:"
    # en
    r"auto(?:matic|mated)?[ -]?(?:reply|response|responder|respons)\b"
    r"|out[ -]of[ -](?:the[ -])?office"
    r"|(?:i am |i.m )?on (?:annual leave|vacation|holiday)\b|auto:"
    # de
    r"|automatische (?:antwort|r(?:ü|ue)ckantwort)|abwesenheit(?:snotiz)?\b|nicht im (?:büro|buero)"
    # fr
    r"|r[ée]ponse automatique|absence du bureau|absent du bureau"
    # es
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|ausente de la oficina"
    # it
    r"|risposta automatica|fuori (?:ufficio|sede)"
    # pl
    r"|automatyczna odpowied[źz]|odpowied[źz] automatyczna|nieobecno[śs][ćc]|poza biurem"
    # ru
    r"|автоматический ответ|автоответ|вне офиса|нет на месте"
    # lt
    r"|automatinis atsakymas|automatin[ėe] [žz]inut[ėe]|nesu biure"
    # he
    r"|(?:תשובה|מענה|הודעה|תגובה) אוטומטי(?:ת)?|לא במשרד|מחוץ למשרד"
    # ar
    r"|رد (?:تلقائي|آلي)|الرد (?:التلقائي|الآلي)|خارج المكتب"
    r")",
    re.IGNORECASE,
)
_GONE: Final = re.compile(
    # en
    r"no longer (?:works?|working|with|employed|at|part of|an employee)\b"
    r"|(?:has|have) left (?:the |our )?(?:company|firm|organi[sz]ation|business|team)"
    r"|(?:is|am) not (?:employed|working) (?:here|there|at|by|with)"
    # de
    r"|(?:arbeitet|ist|bin|arbeite) nicht mehr (?:bei|f(?:ü|ue)r|im|in|tätig|hier)|nicht mehr tätig"
    r"|(?:das )?unternehmen verlassen"
    # fr
    r"|ne (?:travaille|fait) plus|n'est plus (?:employ|dans|chez)|a quitt[ée] (?:la |l'|notre )"
    # es
    r"|ya no (?:trabaja|forma parte|trabajo)|ha dejado (?:la empresa|de trabajar)"
    # it
    r"|non lavor[ao] pi[ùu]|non [èe] pi[ùu] (?:dipendente|in azienda)"
    r"|ha lasciato (?:l'azienda|la soc)"
    # pl
    r"|nie pracuj[eę] ju[żz]|ju[żz] nie pracuj[eę]|zako[ńn]czy[łl]a? prac[ęe]"
    # ru
    r"|больше не работа|уже не работа|уволил|покинула? компанию"
    # lt
    r"|(?:jau )?nebedirb|nebe dirb|nutrauk[ėe] darbo|i[šs][ėe]jo i[šs] (?:darbo|įmon)"
    # he
    r"|(?:כבר|יותר) (?:לא|אינו|אינה) עובד|(?:לא|אינו|אינה) עובד(?:ת)? (?:יותר|כאן|אצלנו)"
    r"|סיי?מ(?:ה|תי) (?:את )?(?:תפקיד|עבודת)|עזב(?:ה)? את החברה"
    # ar
    r"|لم (?:يعد|تعد) (?:يعمل|تعمل|موظف)|لا (?:يعمل|تعمل) (?:هنا|لدينا|بعد)"
    r"|(?:ترك|غادر)ت? (?:العمل|الشركة)",
    re.IGNORECASE,
)  # fmt: skip


class Automatic(StrEnum):
    """What kind of automatic mail it is."""

    GONE = "gone"  # whoever it was written to does not work there any more
    OTHER = "other"


def automatic_of(mail: Mail) -> Automatic | None:
    """The kind of an automatic mail; None for a mail that somebody wrote."""
    if not (_by_headers(mail) or _SUBJECTS.match(mail.subject)):
        return None
    is_gone = _GONE.search(f"{mail.subject}\n{mail.text}") is not None
    return Automatic.GONE if is_gone else Automatic.OTHER


def _by_headers(mail: Mail) -> bool:
    submitted = _COMMENT.sub("", mail.header("auto-submitted")).strip().lower()
    if submitted and submitted != "no":
        return True
    if mail.header("precedence").lower() in _BULK:
        return True
    if mail.header("return-path") == "<>":
        return True
    return any(mail.header(name) for name in _TELLING)
