"""Words go from a designer by a second person to what is said; nobody's typing is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

from sqlalchemy import select

from app.drafting.acts import begin
from app.drafting.contents import Kind
from app.drafting.reading import Draft, live
from app.staff.roles import Role
from app.store.given import table_of
from app.store.publishing import contents, current_of, publish
from app.store.rows import ActLine
from app.wording.files import LOCALES
from app.wording.revisions import revision_of
from app.wording.samples import shipped
from app.wording.words import LocalWords, Text, from_canonical
from tests.app.console.team import Seat, Team
from tests.app.console.words.forms import PATH, fields_in, form_of, saved
from tests.app.web.people import NOW
from tests.databases import on_both_stores

ENGLISH, HEBREW = "Thank you, and have a good week.", "תודה, ושבוע טוב."
NAME = "thank_you"


def draft_of(team: Team, name: str = NAME) -> Draft:
    with team.database.read() as session:
        found = live(session, Kind.TEMPLATE, name)
    assert found is not None
    return found


def said(team: Team, locale: str, name: str = NAME) -> LocalWords | None:
    """What is published now."""
    with team.database.read() as session:
        digest = current_of(session, "template", name)
        return from_canonical(contents(session, [digest])[digest])[locale] if digest else None


def step(seat: Seat, team: Team, act: str, name: str = NAME, status: int = 303, **more: str) -> str:
    """Presses an act on the draft as it is now."""
    held = draft_of(team, name)
    fields = {"draft": held.id, "seen": held.revision, **more}
    answer = seat.presses(f"{PATH}/{name}/{act}", fields)
    assert answer.status_code == status, answer.text[-1500:]
    return answer.text


def new_words(page: str) -> str:
    """The texts of a difference as they would be said."""
    return re.sub(r"<del>.*?</del>|</?ins>", "", page, flags=re.DOTALL)


def acts(team: Team) -> list[str]:
    line = table_of(ActLine)
    with team.database.read() as session:
        return list(
            session.connection().execute(select(line.c.act).order_by(line.c.number)).scalars()
        )


@on_both_stores
def test_words_in_two_languages_are_approved_by_a_second_person_and_said(
    team: Team, designer: Seat, approver: Seat
) -> None:
    saved(designer, NAME, "en", email_closing=ENGLISH)
    saved(designer, NAME, "he", email_closing=HEBREW)
    page = designer.opens(f"{PATH}/{NAME}/draft")
    assert ENGLISH in new_words(page)
    assert HEBREW in new_words(page)
    assert "None, in any language and for any creditor." in page

    step(designer, team, "submit")
    step(approver, team, "approve", note="Well said")
    assert said(team, "en") == from_canonical(shipped().revisions()[shipped().hash_of(NAME)])["en"]
    step(designer, team, "publish")

    assert {locale: w.texts["email.closing"].source for locale in ("en", "he")
            if (w := said(team, locale))} == {"en": ENGLISH, "he": HEBREW}  # fmt: skip
    assert acts(team) == ["template.saved", "template.saved", "template.submitted",
                          "template.approved", "template.published"]  # fmt: skip
    versions = designer.opens(f"{PATH}/{NAME}/versions")
    assert "said now" in versions
    assert "Go back to this version" in versions


def test_what_has_findings_is_kept_and_goes_no_further(team: Team, designer: Seat) -> None:
    page = saved(designer, NAME, "en", email_closing="Thank you, {{ nmae }}.")

    assert 'unknown variable <code dir="auto">nmae</code>' in page
    told = step(designer, team, "submit", status=422)
    assert "Findings keep it from going on." in told
    assert re.search(rf'href="{PATH}/{NAME}\?locale=en#f-email-closing"', told)


def test_nobody_approves_what_they_wrote(team: Team) -> None:
    both = team.seat(Role.DESIGNER, Role.APPROVER)
    saved(both, NAME, "en", email_closing=ENGLISH)
    step(both, team, "submit")

    assert "/approve" not in both.opens(f"{PATH}/{NAME}/draft")
    told = step(both, team, "approve", status=422)

    assert "Somebody who did not write the draft must approve it." in told
    assert draft_of(team).state == "submitted"


def test_a_draft_that_is_given_back_says_why(team: Team, designer: Seat, approver: Seat) -> None:
    saved(designer, NAME, "en", email_closing=ENGLISH)
    step(designer, team, "submit")

    assert "so that its author knows" in step(approver, team, "reject", status=422, note=" ")
    step(approver, team, "reject", note="Say good day")

    told = designer.opens(f"{PATH}/{NAME}/draft")
    assert "<bdi>Omar Haddad</bdi> · Said with the decision: <bdi>Say good day" in told
    assert "Say good day" in designer.opens(f"{PATH}/{NAME}")
    saved(designer, NAME, "en", email_closing="Good day.")
    assert draft_of(team).state == "open"


def test_who_was_overtaken_sees_both_texts_and_loses_none(team: Team, designer: Seat) -> None:
    other = team.seat(Role.DESIGNER, name="Lina")
    mine = form_of(designer, NAME) | {"t.email.closing": ENGLISH}
    saved(other, NAME, "en", email_closing="Theirs.")

    answer = designer.presses(f"{PATH}/{NAME}/save", mine)

    assert answer.status_code == 422
    assert fields_in(answer.text)["t.email.closing"] == ENGLISH
    there = answer.text[answer.text.index('id="xf-email-closing"') :]
    assert there.index("What is there now:") < there.index("Theirs.") < there.index("</fieldset>")
    assert draft_of(team).files["en.yaml"].count("Theirs.") == 1
    designer.does(f"{PATH}/{NAME}/save", fields_in(answer.text))  # knowing both
    assert ENGLISH in draft_of(team).files["en.yaml"]


def test_what_was_published_since_a_page_was_opened_is_not_undone(
    team: Team, designer: Seat
) -> None:
    mine = form_of(designer, NAME) | {"t.email.closing": ENGLISH}
    words = [
        shipped().words_of(NAME, locale) if locale != "en" else _edited("Published beside.")
        for locale in LOCALES
    ]
    with team.database.write() as session:
        publish(session, "template", NAME, revision_of(words).content, now=NOW)

    answer = designer.presses(f"{PATH}/{NAME}/save", mine)

    assert answer.status_code == 422
    assert "Published beside." in answer.text
    assert acts(team) == []


def test_a_draft_that_fell_behind_takes_in_what_was_published(team: Team, designer: Seat) -> None:
    saved(designer, NAME, "he", email_closing=HEBREW)
    words = [
        shipped().words_of(NAME, locale) if locale != "en" else _edited("Published beside.")
        for locale in LOCALES
    ]
    with team.database.write() as session:
        publish(session, "template", NAME, revision_of(words).content, now=NOW)

    assert "Take it in first" in step(designer, team, "submit", status=422)
    step(designer, team, "take-in", mine="1")

    files = draft_of(team).files
    assert HEBREW in files["he.yaml"]
    assert "Published beside." in files["en.yaml"]


def test_a_half_translated_language_is_not_published(team: Team, designer: Seat) -> None:
    words = [shipped().words_of(NAME, locale) for locale in LOCALES if locale != "de"]
    with team.database.write() as session:
        publish(session, "template", NAME, revision_of(words).content, now=NOW)

    page = designer.does(f"{PATH}/{NAME}/language", {"new": "de", "source": "en"})

    form = fields_in(page)
    assert form["locale"] == "de"
    assert {value for name, value in form.items() if name.startswith("t.")} == {""}
    assert "to be written" in page
    assert "Thank you" in page  # the English words stand beside
    saved(designer, NAME, "de", email_subject="Danke")
    told = step(designer, team, "submit", status=422)
    assert "is empty" in told
    assert said(team, "en") is not None


def test_a_new_template_begins_with_the_words_of_another(team: Team, designer: Seat) -> None:
    begin = "/console/design/new-template"
    for name, fault in (
        ("No Spaces", "Write small Latin letters"),
        ("9lives", "Write small Latin letters"),
        (NAME, "There is a template of this name."),
        ("../etc", "Write small Latin letters"),
    ):
        answer = designer.presses(begin, {"name": name, "source": NAME})
        assert answer.status_code == 422
        assert fault in answer.text

    page = designer.does(begin, {"name": "thanks_again", "source": NAME, "category": "notice"})

    assert "thanks_again" in page
    held = draft_of(team, "thanks_again")
    assert set(held.files) == {f"{locale}.yaml" for locale in LOCALES}
    assert all("template: thanks_again" in text for text in held.files.values())
    assert all("category: notice" in text for text in held.files.values())
    assert "thanks_again" in designer.opens(f"{PATH}?drafts=on")
    designer.opens(f"{PATH}/thanks_again/versions")
    step(designer, team, "withdraw", "thanks_again")
    designer.opens(f"{PATH}/thanks_again", 404)


def test_fields_come_and_go_before_anything_is_kept(team: Team, designer: Seat) -> None:
    form = form_of(designer, NAME, "he")

    def after(do: str) -> set[str]:
        answer = designer.presses(f"{PATH}/{NAME}/show", form | {"do": do})
        return set(fields_in(answer.text)) - set(form)

    paragraphs = sum(name.startswith("t.email.body.") for name in form)
    assert after("paragraph") == {f"t.email.body.{paragraphs}"}
    assert after("add:call") == {"t.call"}
    assert after("split:email.greeting") == {"t.email.greeting@f", "t.email.greeting@m"}
    assert after("remove:email.subject") == set()
    assert after("nonsense:x") == set()
    assert acts(team) == []


FOREIGN: list[dict[str, str]] = [
    {"locale": "en"},
    {"locale": "xx", "t.sms": "x"},
    {"locale": "en", "t.email.bcc": "a@b.c"},
    {"locale": "en", "t.sms": "x", "button_link": "https://evil.example"},
    {"locale": "en", "t.sms": "x" * 20_000},
    {"locale": "en"}
    | {f"t.email.body.{n}@f": "x" for n in range(99)}
    | {f"t.sms.{n}@f": "x" for n in range(99)},
]


def test_a_form_that_is_not_ours_is_refused(team: Team, designer: Seat) -> None:
    for typed, act in product(FOREIGN, ("show", "save")):
        assert designer.presses(f"{PATH}/{NAME}/{act}", typed).status_code == 400, typed
    assert acts(team) == []


def test_an_earlier_version_is_said_again_as_a_draft(team: Team, designer: Seat) -> None:
    words = [
        shipped().words_of(NAME, each) if each != "en" else _edited("Other.") for each in LOCALES
    ]
    with team.database.write() as session:
        publish(session, "template", NAME, revision_of(words).content, now=NOW)

    page = designer.does(f"{PATH}/{NAME}/roll-back", {"sequence": "1"})

    assert "<del>Other.</del>" in page
    assert "Other." not in draft_of(team).files["en.yaml"]
    again = designer.presses(f"{PATH}/{NAME}/roll-back", {"sequence": "1"})
    assert again.status_code == 422  # one draft at a time
    step(designer, team, "withdraw")
    assert designer.presses(f"{PATH}/{NAME}/roll-back", {"sequence": "9"}).status_code == 422


def test_only_designers_write_and_only_approvers_approve(team: Team, approver: Seat) -> None:
    form = form_of(approver, NAME)
    for act in ("save", "language", "submit", "publish", "withdraw", "take-in", "roll-back"):
        assert approver.presses(f"{PATH}/{NAME}/{act}", form).status_code == 403
    assert approver.presses("/console/design/new-template", form).status_code == 403
    agent = team.seat(Role.AGENT)
    for act in ("approve", "reject", "save"):
        assert agent.presses(f"{PATH}/{NAME}/{act}", form).status_code == 403
    assert acts(team) == []


def test_a_draft_of_something_else_is_not_decided_here(team: Team, designer: Seat) -> None:
    with team.database.write() as session:
        other = begin(session, Kind.JOURNEY, "consumer_gentle", by="dana", now=NOW)
    fields = {"draft": other.id, "seen": other.revision}

    assert designer.presses(f"{PATH}/{NAME}/withdraw", fields).status_code == 400

    with team.database.read() as session:
        assert live(session, Kind.JOURNEY, "consumer_gentle") == other


def test_a_template_that_is_not_there_is_not_found(designer: Seat) -> None:
    for path in (f"{PATH}/nothing_here", f"{PATH}/nothing_here/draft", f"{PATH}/{NAME}/draft",
                 f"{PATH}/Not-A-Name", f"{PATH}/nothing_here/versions"):  # fmt: skip
        designer.opens(path, 404)


def _edited(closing: str) -> LocalWords:
    words = shipped().words_of(NAME, "en")
    return replace(words, texts={**words.texts, "email.closing": Text(closing)})
