"""A writer's own words: what they quote of our mail, and their program's last line, are cut. Pure.

Cut is only what is certainly not theirs. A greeting, a name, a company's disclaimer stay: a word
too many asks a person to read; a word too few may be the one that says "stop".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_LONGEST_LINE: Final = 1000  # characters that a mark is looked for in
_ATTRIBUTION_LINES: Final = 3  # mail programs break "On … wrote:" over so many

# "On …, NAME wrote:" of Gmail, Apple Mail, Outlook for phones, Thunderbird, Yahoo.
_WROTE: Final = re.compile(
    r"(?:"
    r"On\b.{4,300}\bwrote"  # en
    r"|Am\b.{4,300}\bschrieb\b.{0,200}|.{4,200}\bschrieb am\b.{4,100}"  # de
    r"|Le\b.{4,300}\ba [ée]crit"  # fr
    r"|El\b.{4,300}\bescribi[óo]"  # es
    r"|Il\b.{4,300}\bha scritto"  # it
    r"|Wiadomo[śs][ćc] napisana przez .{4,300}"
    r"|.{4,300}\b(?:napisa[łl](?:\(a\)|a|/a)?|pisze)"  # pl
    r"|.{4,300}\b(?:написал(?:\(а\)|а|/а)?|пишет)\b.{0,200}"  # ru
    r"|.{4,300}\b(?:para[šs][ėe]|ra[šs][ėe])"  # lt
    r"|(?:בתאריך|ב-|ביום|מאת).{4,300}(?:מאת.{2,200}|כתב(?:/?ה)?.{0,200})"  # he
    r"|.{4,300}כתב(?:/?ה)?"
    r"|.{0,100}في\b.{4,300}(?:كتب(?:ت)?|تمت كتابة).{0,200}"  # ar
    r"|.{4,300}\bكتب(?:ت)?.{0,200}"
    r")\s?:",
    re.IGNORECASE,
)
# In any language: a line that dates, names a mailbox and ends with a colon.
_DATED: Final = re.compile(
    r".{0,300}(?:\b(?:19|20)\d\d\b|\d{1,2}:\d\d).{0,300}<[^<>\s]+@[^<>\s]+>.{0,40}:"
)
# A sentence of a person that may look like one has no year and no hour in it.
_WHEN: Final = re.compile(r"\b(?:19|20)\d\d\b|\d[:.]\d\d|\d[./-]\d")

_FROM: Final = r"(?:From|Von|De|Da|Od|От|Nuo|Kas|מאת|من)"
_FIELD: Final = (
    r"(?:From|Sent|To|Cc|Subject|Date|Von|Gesendet|An|Betreff|Datum|De|Envoy[ée]|[ÀA]|Objet|Date"
    r"|Enviad[oa](?: el)?|Para|Asunto|Fecha|Da|Inviato|A|Oggetto|Data|Od|Wys[łl]ano|Do|DW|Temat"
    r"|От|Отправлено|Кому|Копия|Тема|Дата|Nuo|Kas|I[šs]si[ųu]sta|Kam|Gav[ėe]jas|Tema|Data"
    r"|מאת|נשלח|אל|עותק|נושא|תאריך|من|تم الإرسال|أ?رسلت|إلى|نسخة|الموضوع|التاريخ)"
)
_HEADER_FROM: Final = re.compile(rf"[* ]*{_FROM}\s?:[* ]*\S.*", re.IGNORECASE)
_HEADER: Final = re.compile(rf"[* ]*{_FIELD}\s?:[* ]*.*", re.IGNORECASE)
_ORIGINAL: Final = re.compile(
    r"[-_* ]{2,}\s*(?:Original (?:Message|Appointment)|Forwarded message|Urspr[üu]ngliche Nachricht"
    r"|Weitergeleitete Nachricht|Message (?:d'origine|transf[ée]r[ée])"
    r"|Mensaje (?:original|reenviado)"
    r"|Messaggio (?:originale|inoltrato)|(?:Oryginalna|Przekazana) wiadomo[śs][ćc]"
    r"|Wiadomo[śs][ćc] (?:oryginalna|napisana)|(?:Исходное|Пересылаемое|Пересланное) сообщение"
    r"|(?:Pradin[ėe]|Originali|Persi[ųu]st[ao]s?) (?:žinut[ėe]|laiškas|pranešimas)"
    r"|הודעה (?:מקורית|שהועברה)|(?:הודעה שהועברה)|(?:الرسالة الأصلية|رسالة معاد توجيهها)"
    r")\s*[-_* ]{2,}",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"[_-]{20,}|\*{20,}")
_SIGNATURE: Final = re.compile(r"--\s?|—|__")
# What a phone writes under every mail.
_DEVICE: Final = re.compile(
    r"(?:Sent (?:from|via) (?:my |the )?\S.*|Get Outlook for \S+.*|Gesendet (?:von|mit|über)\b.*"
    r"|Von meinem \S+ gesendet.*|Outlook f[üu]r \S+ (?:herunterladen|beziehen).*"
    r"|Envoy[ée] (?:de(?:puis)?|à partir de) \S.*|T[ée]l[ée]charger Outlook.*|Obtenir Outlook.*"
    r"|Enviado desde \S.*|Obtener Outlook.*|Inviato da \S.*|Ottieni Outlook.*"
    r"|Wys[łl]an[eao] (?:z|przez) \S.*|Pobierz (?:program )?Outlook.*"
    r"|Отправлено (?:с|из|с помощью) \S.*|Скачать Outlook.*|I[šs]si[ųu]sta (?:i[šs]|per) \S.*"
    r"|(?:נשלח|נכתב) (?:מ|מה)-?\s?\S.*|קבל(?:ו)? את Outlook.*|تم الإرسال من \S.*|أرسلت من \S.*"
    r"|مرسل من \S.*)",
    re.IGNORECASE,
)
_LONGEST_DEVICE: Final = 60


def own_words(text: str) -> str:
    """What the writer wrote themselves, above, between or below what they quote.

    Empty where a mail holds nothing but quotes.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    return "\n".join(_kept(lines)).strip()


def _kept(lines: Sequence[str]) -> Iterator[str]:
    bare = [_bare(line) for line in lines]
    at = 0
    while at < len(lines):
        if bare[at].startswith(">"):
            at += 1
        elif (length := _attribution(bare, at)) and _is_marked_below(bare, at + length):
            at += length  # the quote's own marks say where it ends: what follows may be theirs
        elif length or _ends_here(bare, at):
            return
        else:
            if not _is_device(bare[at]):
                yield lines[at].rstrip()
            at += 1


def _bare(line: str) -> str:
    return _INVISIBLE.sub("", line[:_LONGEST_LINE]).strip()


def _attribution(bare: Sequence[str], at: int) -> int:
    """How many lines the attribution that begins here has; 0 if none does."""
    if not bare[at]:
        return 0
    for length in range(1, _ATTRIBUTION_LINES + 1):
        part = bare[at : at + length]
        if len(part) < length or not part[-1] or part[-1].startswith(">"):
            return 0
        if not part[-1].endswith(":"):
            continue
        joined = " ".join(part)
        if _DATED.fullmatch(joined) or (_WHEN.search(joined) and _WROTE.fullmatch(joined)):
            return length
    return 0


def _is_marked_below(bare: Sequence[str], at: int) -> bool:
    following = next((line for line in bare[at:] if line), "")
    return following.startswith(">")


def _ends_here(bare: Sequence[str], at: int) -> bool:
    """Whether the mail that is answered begins here, or the signature."""
    line = bare[at]
    if not line:
        return False
    if _SIGNATURE.fullmatch(line) or _ORIGINAL.fullmatch(line):
        return True
    if _RULE.fullmatch(line):
        return _is_head(bare, at + 1)
    return _is_head(bare, at)


def _is_head(bare: Sequence[str], at: int) -> bool:
    """Whether the head of a mail stands here as Outlook and GMX write it: three lines of it, and
    one of the first two says who it is from."""
    filled = [line for line in bare[at : at + 12] if line][:6]
    if not filled or not _HEADER.fullmatch(filled[0]):
        return False
    is_from = any(_HEADER_FROM.fullmatch(line) for line in filled[:2])
    return is_from and sum(1 for line in filled if _HEADER.fullmatch(line)) >= 3


def _is_device(line: str) -> bool:
    return len(line) <= _LONGEST_DEVICE and _DEVICE.fullmatch(line) is not None
