"""What a mail to us is: words of a person, or a machine's note about a mail of ours.

Where it could be both, it is what makes us more silent: an opt-out in an automatic mail is an
opt-out, and a bounce from a customer's own mailbox that names no mail of ours is that customer's
mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.book.addresses import canonical_email
from app.book.errors import AddressError
from app.hearing.automatic import Automatic, automatic_of
from app.hearing.bounces import Bounce, Failure, bounce_of, nuisance_of
from app.hearing.mail import Mail
from app.hearing.quoting import own_words
from app.hearing.reading import Verdict, read
from app.hearing.traces import Traces, traces_of
from app.intake.errors import Unreadable
from app.intake.replies import Written
from app.wording.reply_address import read_back
from campaigns.keys import derive
from campaigns.vocabulary import Medium
from channels.errors import AddressInvalid, ContentRejected, RecipientUnreachable, SendError
from channels.errors import provider_code as code_of

_ANSWERS: Final = re.compile(
    r"\W*(?:re|aw|wg|fwd?|sv|tr|rif|odp|ats|rv|res|ответ|ha|תשובה|השב|הועבר|רד|رد)(?:\[\d+\])?\s*:",
    re.IGNORECASE,
)


class NoteKind(StrEnum):
    """What a machine says of a mail of ours."""

    BOUNCED = "bounced"
    DELAYED = "delayed"
    COMPLAINED = "complained"
    AUTOMATIC = "automatic"  # out of office, "we got your mail"
    GONE = "gone"  # the same, of somebody who does not work there any more


@dataclass(frozen=True, slots=True)
class MailNote:
    """A mail that no person wrote.

    `answers` are the messages that signed addresses in it name. `about` are the mailboxes that it
    speaks of. `written` is the mail read as a person's, for a note that turns out to be none; None
    where it does not say who wrote.
    """

    key: str
    kind: NoteKind
    traces: Traces
    answers: tuple[int, ...]
    at: datetime
    about: tuple[str, ...] = field(default=(), repr=False)
    failure: Failure | None = None
    code: str = ""
    written: Written | None = None

    def error(self, provider: str) -> SendError | None:
        """Why it failed, as a class of error; only a mailbox that is no more closes its address."""
        match self.failure:
            case None:
                return None
            case Failure.NO_MAILBOX:
                return AddressInvalid(provider, self.code)
            case Failure.TOO_LARGE:
                return ContentRejected(provider, self.code)
            case Failure.FULL | Failure.REFUSED | Failure.UNREACHABLE | Failure.UNKNOWN:
                return RecipientUnreachable(provider, self.code)


def heard_in(mail: Mail, secret: bytes, at: datetime) -> Written | MailNote:
    """What the mail is. `at` is when it came.

    Raises `Unreadable` for a person's mail that does not say from whom and to whom.
    """
    words = words_of(mail)
    is_opt_out = read(words).verdict is Verdict.OPT_OUT
    traces = traces_of(mail)
    named = (read_back(address, secret)[1] for address in traces.ways_back)
    note = MailNote(
        key=f"mail:{derive('mail', mail.id, mail.writer)}",
        kind=NoteKind.AUTOMATIC,
        traces=traces,
        answers=tuple(dict.fromkeys(each for each in named if each is not None)),
        at=at,
    )
    if (nuisance := nuisance_of(mail)) is not None:
        return replace(note, kind=NoteKind.COMPLAINED, about=nuisance.about)
    if not is_opt_out and (bounce := bounce_of(mail)) is not None:
        return _bounced(note, bounce, _as_written(mail, words, note, secret))
    automatic = None if is_opt_out else automatic_of(mail)
    written = _as_written(mail, words, note, secret)
    if automatic is not None:
        kind = NoteKind.GONE if automatic is Automatic.GONE else NoteKind.AUTOMATIC
        about = (mail.writer,) if mail.writer else ()
        return replace(note, kind=kind, about=about, written=written)
    if written is None:
        raise Unreadable("the mail does not say from whom it is, or to whom")
    return written


def words_of(mail: Mail) -> str:
    """What the writer says: below the subject, in it, or both where the subject is their own."""
    said = own_words(mail.text)
    if _ANSWERS.match(mail.subject) or not mail.subject:
        return said
    if not said or read(mail.subject).verdict is Verdict.OPT_OUT:
        return mail.subject
    if mail.answers or read(said).verdict is Verdict.OPT_OUT:
        return said
    return f"{mail.subject}\n\n{said}"


def _as_written(mail: Mail, words: str, note: MailNote, secret: bytes) -> Written | None:
    try:
        writer = canonical_email(mail.writer)
    except AddressError:
        return None
    if not mail.to:
        return None
    ours = next((to for to in mail.to if read_back(to, secret)[1] is not None), mail.to[0])
    return Written(
        key=note.key,
        medium=Medium.EMAIL,
        from_address=writer,
        to_address=ours,
        text=words,
        at=note.at,
    ).read_back(secret)


def _bounced(note: MailNote, bounce: Bounce, written: Written | None) -> MailNote:
    code = "-".join(part for part in (str(bounce.reply or ""), bounce.status) if part)
    return replace(
        note,
        kind=NoteKind.BOUNCED if bounce.permanent else NoteKind.DELAYED,
        about=bounce.failed,
        failure=bounce.failure,
        code=code_of(code) if code else "",
        written=written,
    )
