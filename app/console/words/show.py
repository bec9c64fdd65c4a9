"""The pages of the room: the matrix, one template, its message, what a draft changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import HTTPException
from sqlmodel import Session
from starlette.responses import HTMLResponse

from app.console.door import Visit
from app.console.office import Office
from app.console.words import letters
from app.console.words.approvals import told
from app.console.words.desk import Desk, desk_of
from app.console.words.difference import changes
from app.console.words.picker import offered, plural, plural_forms
from app.console.words.preview import Press, Reader, creditors
from app.console.words.sheet import FORM_TITLES, MEDIUM_TITLES, TITLES, Around, sheet_of
from app.console.words.table import Wish, lines, narrowed, users_of
from app.delivery.preview import NotShown
from app.delivery.words import PublishedWords
from app.drafting import acts
from app.drafting.checking import Spot
from app.drafting.contents import Kind
from app.drafting.origin import versions
from app.drafting.reading import history
from app.staff.roles import Right
from app.store.publishing import current_of
from app.web.catalogues import languages, own_name
from app.wording.address import manner_of
from app.wording.editing import (
    key_at,
    left_in,
)
from app.wording.errors import WordingError
from app.wording.files import BUTTON_LINKS, CATEGORIES, LOCALES, DraftFile, as_left
from app.wording.formats import formats_for
from app.wording.links import TOKEN_LENGTH
from app.wording.matrix import MEDIA
from app.wording.samples import SAMPLES
from app.wording.words import LocalWords

ROOM = "words"
PATH = "/console/design/templates"


class Show:
    """Answers with the pages of the room."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._words = PublishedWords(len(f"{office.settings.base_url}/p/") + TOKEN_LENGTH)

    def matrix(self, visit: Visit) -> HTMLResponse:
        asked = visit.asked
        wish = Wish(
            category=_one_of(asked.get("category"), CATEGORIES),
            locale=asked.get("locale", "")[:20],
            missing="missing" in asked,
            drafts="drafts" in asked,
            name=asked.get("name", "").strip().lower().replace(" ", "_")[:48],
        )
        with self._office.database.read() as session:
            self._office.catalogue.refresh(session)
            found = lines(session, self._words.current(session), self._office.catalogue)
        wanted = found[0].wanted if found else LOCALES
        wish_locale = wish.locale if wish.locale in wanted else ""
        return self._office.page(
            visit,
            "console/words/matrix.html",
            room=ROOM,
            lines=narrowed(found, wish),
            total=len(found),
            wish=wish,
            languages=[each for each in wanted if wish_locale in ("", each)],
            all_languages=wanted,
            categories=CATEGORIES,
            media=MEDIA,
            spoken=languages(),
            own_name=own_name,
            media_titles=MEDIUM_TITLES,
        )

    def template(
        self,
        visit: Visit,
        name: str,
        *,
        typed: LocalWords | None = None,
        asked: Mapping[str, str] | None = None,
        stale: bool = False,
        seen: int | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """One template in one language; `typed` is what a form has instead of what is kept.
        `stale`: somebody else has saved meanwhile, and their words stand beside."""
        asked = visit.asked if asked is None else asked
        with self._office.database.read() as session:
            self._office.catalogue.refresh(session)
            desk = desk_or_404(session, name)
            locale = desk.locale(asked.get("locale", ""), visit.language, "en")
            words = typed or desk.words[locale]
            beside = _beside(desk, locale, asked.get("beside", ""))
            around = Around(
                press=self._press(session),
                secret=self._office.secret,
                said=told(session, name),
                reader=Reader.asked(asked, locale),
                beside=desk.words.get(beside),
                there=desk.words.get(locale) if stale else None,
            )
            facts = self._facts(session, desk, words)
            sheet = sheet_of(desk, words, around)
        return self._office.page(
            visit,
            "console/words/template.html",
            room=ROOM,
            status=status,
            desk=desk,
            sheet=sheet,
            words=words,
            written_in=locale,
            beside=beside,
            stale=stale,
            is_typed=typed is not None,
            seen=_seen(desk) if seen is None else seen,
            may_write=visit.may(Right.DESIGN),
            **facts,
        )

    def draft(
        self, visit: Visit, name: str, *, problem: str = "", status: int = 200, **facts: Any
    ) -> HTMLResponse:
        """What the draft of a template changes, what is wrong with it, and what was done to it."""
        now = self._office.clock.now()
        with self._office.database.read() as session:
            desk = desk_or_404(session, name)
            if desk.held is None:
                raise HTTPException(404)
            checked = acts.check_draft(session, desk.held, now=now)
            behind = acts.is_behind(session, desk.held)
            done = history(session, desk.held.id)
        return self._office.page(
            visit,
            "console/words/draft.html",
            room=ROOM,
            status=status,
            desk=desk,
            held=desk.held,
            changes=changes(desk.base, desk.words),
            spots=[_placed(desk, spot) for spot in checked.findings],
            errors=len(checked.errors),
            behind=behind,
            done=done,
            problem=problem,
            titles=TITLES,
            form_titles=FORM_TITLES,
            own_name=own_name,
            direction=_direction,
            wrote={each.who for each in done if each.act in ("begun", "saved", "merged")},
            **{"conflicts": (), **facts},
        )

    def versions(
        self, visit: Visit, name: str, *, problem: str = "", status: int = 200
    ) -> HTMLResponse:
        """Everything that was ever published of a template."""
        with self._office.database.read() as session:
            desk = desk_or_404(session, name)
            found = versions(session, Kind.TEMPLATE, name)
        return self._office.page(
            visit, "console/words/versions.html", room=ROOM, status=status, desk=desk,
            versions=found, problem=problem,
        )  # fmt: skip

    def beginning(
        self, visit: Visit, *, status: int = 200, fault: str = "", **typed: str
    ) -> HTMLResponse:
        """The form for a new template."""
        with self._office.database.read() as session:
            names = self._words.current(session).templates()
        source = typed.get("source") or visit.asked.get("source", "")
        return self._office.page(
            visit,
            "console/words/new.html",
            room=ROOM,
            status=status,
            names=names,
            typed=typed.get("name", ""),
            categories=CATEGORIES,
            category=typed.get("category", ""),
            source=source if source in names else "",
            faults={"name": fault} if fault else {},
        )

    def mail(self, sealed: str) -> HTMLResponse:
        """The mail of a preview, alone, under its own policy."""
        opened = letters.opened(sealed, self._office.secret)
        if opened is None:
            raise HTTPException(404)
        words, reader = opened
        with self._office.database.read() as session:
            self._office.catalogue.refresh(session)
            try:
                page = letters.framed(self._press(session).rendered(words, "email", reader))
            except (WordingError, NotShown):
                raise HTTPException(404) from None
        headers = {"content-security-policy": letters.POLICY, "x-frame-options": "SAMEORIGIN"}
        return HTMLResponse(page, headers=headers)

    def _press(self, session: Session) -> Press:
        office = self._office
        return Press(session, office.catalogue, office.clock.now(), office.settings.base_url)

    def _facts(self, session: Session, desk: Desk, words: LocalWords) -> dict[str, Any]:
        return {
            "base_hash": current_of(session, Kind.TEMPLATE, desk.name) or "",
            "journeys": sorted(users_of(session, self._office.catalogue).get(desk.name, ())),
            "creditors": creditors(session),
            "tabs": [(each, own_name(each), len(left_in(desk.words[each]))) for each in desk.words],
            "unwritten": desk.unwritten(),
            "titles": TITLES,
            "media_titles": MEDIUM_TITLES,
            "form_titles": FORM_TITLES,
            "own_name": own_name,
            "direction": _direction,
            "offered": offered(words.locale),
            "plural": plural,
            "plural_forms": plural_forms(words.locale),
            "samples": SAMPLES,
            "forms": manner_of(words.locale).forms,
            "button_links": BUTTON_LINKS,
        }


def desk_or_404(session: Session, name: str) -> Desk:
    desk = desk_of(session, name)
    if desk is None:
        raise HTTPException(404)
    return desk


def _placed(desk: Desk, spot: Spot) -> dict[str, Any]:
    """A finding with the language and the text where it stands."""
    placed = as_left(DraftFile(spot.file, desk.files.get(spot.file, "")))
    key, line = key_at(placed, spot.line) if placed is not None else ("", 0)
    return {"spot": spot, "locale": spot.file.removesuffix(".yaml"), "key": key, "line": line,
            "id": "f-" + key.replace(".", "-").replace("@", "--") if key else ""}  # fmt: skip


def _beside(desk: Desk, locale: str, wish: str) -> str:
    others = [each for each in desk.words if each != locale]
    if wish == "none" or not others:
        return ""
    return next((each for each in (wish, "en") if each in others), others[0])


def _direction(locale: str) -> str:
    return "rtl" if formats_for(locale).rtl else "ltr"


def _seen(desk: Desk) -> int:
    return desk.held.revision if desk.held is not None else 0


def _one_of(asked: str | None, known: tuple[str, ...]) -> str:
    return asked if asked in known else ""
