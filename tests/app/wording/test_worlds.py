"""What a message must carry and may not hold, asked of drafts in a creditor's world."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from app.wording.context import Brand
from app.wording.files import (
    LOCALES,
    DraftFile,
    Finding,
    by_template,
    read_file,
    shipped_files,
)
from app.wording.phrases import Phrases, phrases_in
from app.wording.words import LocalWords, Mark, Text
from app.wording.worlds import Line, World, check_worlds
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import CustomerKind, Medium, SenderRole
from tests.campaigns.policyfacts import pack_of, ruleset

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
RULES = ruleset()
EVERY_LINE = tuple(Line(medium, two_way=ways) for medium in Medium for ways in (True, False))
MAIL = (Line(Medium.EMAIL),)
SMS = (Line(Medium.SMS),)
SHIPPED = by_template(shipped_files())
DEMAND = """template: demand
locale: en
category: notice
marks: [first_message]
email:
  subject: "{{ creditor }}: about your contract"
  preheader: A few lines.
  greeting: Hello,
  body:
    - "We write for {{ on_behalf_of }}, {{ behalf_address }}."
    - "It is about {{ claim_ground }}, agreed on {{ contract_on }}."
    - "Interest: {{ interest_calculation }}. {{ above_statutory_rate }}"
    - "Costs: {{ cost_breakdown }}. {{ vat_statement }}"
    - "Your address: {{ address_source }}. Supervised by {{ supervisor }}."
    - "{{ initial_disclosure }}"
  button: Your page
sms: |
  {{ creditor }}: {{ stop }}
whatsapp:
  approved: false
  text: |
    {{ creditor }}: {{ stop }}
"""


def drafted(text: str) -> LocalWords:
    words, findings = read_file(DraftFile("templates/messages/demand/en.yaml", text))
    assert words is not None, findings
    return words


def text(sms: str, *, category: str = "reminder", marks: tuple[Mark, ...] = ()) -> LocalWords:
    """A template that is an SMS and nothing more."""
    lines = {"sms": Text(sms, 9)}
    return LocalWords("t", "en", category, lines, file="t/en.yaml", marks=frozenset(marks))


def world(country: str, **more: object) -> World:
    return replace(World(country, RULES, country), **more)  # type: ignore[arg-type]


def found(words: LocalWords, where: World) -> list[Finding]:
    return check_worlds([words], [where], NOW)


_A_REMINDER = next(i for i, drafts in enumerate(SHIPPED) if "/card_failed/" in drafts[0].path)


@cache
def _read(index: int) -> tuple[LocalWords, ...]:
    return tuple(words for draft in SHIPPED[index] if (words := read_file(draft)[0]) is not None)


@pytest.mark.parametrize("country", ["IL", "LT", "GB", "IT", "DE", "US"])
def test_shipped_templates_may_be_said_to_consumers_of_a_creditor(country: str) -> None:
    where = world(country, lines=EVERY_LINE)
    findings = [each for i in range(len(SHIPPED)) for each in check_worlds(_read(i), [where], NOW)]
    assert findings == []


def test_shipped_templates_may_be_said_by_mail_in_the_emirates() -> None:
    where = world("AE", lines=MAIL)
    findings = [each for i in range(len(SHIPPED)) for each in check_worlds(_read(i), [where], NOW)]
    assert findings == []


def test_an_sms_to_the_emirates_names_no_number_and_no_money() -> None:
    words = text("{{ creditor }}: please call {{ creditor_phone }} about {{ total }}. {{ stop }}")
    problems = [each.problem for each in found(words, world("AE", lines=SMS))]
    assert any("`{{ creditor_phone }}` is phone number" in problem for problem in problems)
    assert any("`{{ total }}` is money wording" in problem for problem in problems)


def test_vector_18_a_first_demand_without_the_day_of_the_contract_is_refused_by_name() -> None:
    germany = world("DE", role=SenderRole.THIRD_PARTY, lines=MAIL)
    assert found(drafted(DEMAND), germany) == []

    (finding,) = found(drafted(DEMAND.replace(", agreed on {{ contract_on }}", "")), germany)
    assert finding.problem == "no contract date in `en` on email, for DE (DE-RDG13A)"
    assert "{{ contract_on }}" in finding.remedy
    assert str(finding).startswith("templates/messages/demand/en.yaml:8: ")


def test_what_only_a_first_message_must_carry_is_not_asked_of_others() -> None:
    later = DEMAND.replace("marks: [first_message]\n", "").replace("{{ claim_ground }}", "it")
    assert found(drafted(later), world("DE", role=SenderRole.THIRD_PARTY, lines=MAIL)) == []


def test_a_collector_in_the_united_states_says_what_it_is() -> None:
    plain = DEMAND.replace('    - "{{ initial_disclosure }}"\n', "")
    collector = world("US", role=SenderRole.THIRD_PARTY, lines=MAIL)
    problems = {each.problem.partition(" in `")[0] for each in found(drafted(plain), collector)}
    assert problems == {"no collector disclosure", "no initial disclosure"}


def test_a_fact_that_the_brand_does_not_have_is_not_said() -> None:
    bare = Brand(name="Alder", sender="Noa")
    saudi = world("SA", sector="bank", lines=MAIL)
    words = drafted(
        DEMAND.replace("agreed on", "{{ creditor_department }}, {{ working_hours }}, on")
    )
    no_block = {"no creditor department", "no working hours", "no contact number"}
    problems = {each.problem.partition(" in `")[0] for each in found(words, saudi)}
    assert not problems & no_block

    (problem,) = [each.problem for each in found(words, replace(saudi, brand=bare))]
    assert "which is missing" in problem  # it is printed, so that the message itself is refused
    shipped = {e.problem.partition(" in `")[0] for e in check_worlds(
        _read(_A_REMINDER), [replace(saudi, brand=bare)], NOW
    )}  # fmt: skip
    assert no_block <= shipped


def test_an_american_mail_carries_a_postal_address() -> None:
    nowhere = world("US", lines=MAIL, brand=Brand(name="Alder", sender="Noa"))
    problems = [each.problem for each in check_worlds(_read(_A_REMINDER), [nowhere], NOW)]
    assert problems
    assert all("no postal address" in problem for problem in problems)
    assert {f"`{locale}`" for locale in LOCALES} == {problem.split()[4] for problem in problems}


def test_a_message_without_a_way_out_is_refused_in_israel() -> None:
    words = text("{{ creditor }}: {{ total }} {{ pay_link }}")
    link, notice = found(words, world("IL", lines=SMS))
    assert "no opt out link in `en` on sms" in link.problem
    assert "no removal notice in `en` on sms" in notice.problem
    assert (notice.file, notice.line) == ("t/en.yaml", 9)


def test_a_line_that_only_a_two_way_sender_has_is_missed_on_a_one_way_sender() -> None:
    words = text("{{ creditor }}: hello {% if two_way %}{{ stop }}{% endif %}")
    two_way = world("IL", lines=(Line(Medium.SMS),))
    one_way = world("IL", lines=(Line(Medium.SMS, two_way=False),))
    assert found(words, two_way) == []
    assert found(words, one_way) != []


@pytest.mark.parametrize("phrase", ["just reply to us", "reply to this message"])
def test_on_a_one_way_sender_no_text_asks_for_a_reply(phrase: str) -> None:
    words = text(f"{{{{ creditor }}}}: {phrase}. {{{{ stop }}}}")
    one_way = world("LT", lines=(Line(Medium.SMS, two_way=False),))
    problems = [each.problem for each in found(words, one_way)]
    assert any("(HOUSE-ONE-WAY)" in problem for problem in problems)
    assert found(words, world("LT", lines=SMS)) == []


def test_a_threat_needs_the_capability() -> None:
    words = text("{{ creditor }}: the court may decide. {{ stop }}", category="legal")
    lithuania = world("LT", lines=SMS)
    assert any("legal threat" in each.problem for each in found(words, lithuania))
    able = replace(lithuania, capabilities=frozenset({"legal_action"}))
    assert found(words, able) == []


def test_a_marked_threat_needs_it_in_any_words() -> None:
    words = text("{{ creditor }}: you know. {{ stop }}", marks=(Mark.LEGAL_THREAT,))
    (finding,) = found(words, world("LT", lines=SMS))
    assert "(HOUSE-LEGAL)" in finding.problem


def test_an_offer_in_a_reminder_is_refused_in_israel_alone() -> None:
    words = text("{{ creditor }}: a special offer! {{ stop }}")
    (finding,) = found(words, world("IL", lines=SMS))
    assert "`special offer` is promotion" in finding.problem
    assert found(words, world("LT", lines=SMS)) == []


def test_a_row_that_warns_keeps_nothing_from_being_published() -> None:
    row = "{id: OWN, kind: content, forbids: [consent_wording], weight: warning}"
    own = RuleSet((pack_of(row),))
    words = text("{{ creditor }}: you agreed to this.")
    (finding,) = found(words, World("own", own, "LT", lines=SMS))
    assert finding.is_warning
    assert "warning: `you agreed to`" in str(finding)


def test_a_business_is_not_asked_for_what_consumers_are_owed() -> None:
    words = text("{{ creditor }}: hello. {{ stop }}")
    consumers = found(words, world("GB", lines=SMS))
    assert ["no cannot pay" in each.problem for each in consumers] == [True]
    assert found(words, world("GB", lines=SMS, kind=CustomerKind.BUSINESS)) == []


@pytest.mark.parametrize(
    ("locale", "words", "about"),
    [
        ("en", "this is your last chance", Phrases.PRESSURE),
        ("he", "זו הזדמנות אחרונה", Phrases.PRESSURE),
        ("ar", "هذه الفرصة الأخيرة", Phrases.PRESSURE),
        ("lt", "tai paskutinė galimybė", Phrases.PRESSURE),
        ("he", "הנחה מיוחדת", Phrases.PROMOTION),
        ("ar", "عرض خاص", Phrases.PROMOTION),
        ("lt", "nuolaida jums", Phrases.PROMOTION),
        ("he", "נפנה לבית המשפט", Phrases.LEGAL),
        ("lt", "kreipsimės į teismą", Phrases.LEGAL),
        ("de", "das ist die letzte Gelegenheit", Phrases.PRESSURE),
        ("de", "ein Rabatt für Sie", Phrases.PROMOTION),
        ("de", "wir gehen vor Gericht", Phrases.LEGAL),
    ],
)
def test_each_language_has_its_own_list(locale: str, words: str, about: Phrases) -> None:
    assert phrases_in(words, locale, about)


@pytest.mark.parametrize("two_way", [True, False])
@pytest.mark.parametrize(
    "template", ["due_soon", "due_today", "reminder_first", "reminder_second", "reminder_third"]
)
def test_reminders_may_be_said_by_sms_in_the_emirates(template: str, two_way: bool) -> None:
    index = next(i for i, drafts in enumerate(SHIPPED) if f"/{template}/" in drafts[0].path)
    where = world("AE", lines=(Line(Medium.SMS, two_way=two_way),))

    assert check_worlds(_read(index), [where], NOW) == []


def test_an_sms_with_a_link_is_no_sms_for_the_emirates() -> None:
    sms, plain = "{{ creditor }}: {{ pay_link }}\n{{ sender }}", "{{ creditor }}: see your mail."
    words = text(sms)
    both = replace(words, texts={**words.texts, "sms_plain": Text(plain, 12)})

    (finding,) = found(words, world("AE", lines=SMS))
    assert "url" in finding.problem
    assert "AE-SMS-URL" in finding.problem
    assert not finding.is_warning
    assert found(both, world("AE", lines=SMS)) == []


def test_a_creditor_is_no_credit() -> None:
    assert found(text("{{ creditor }}: hello\n{{ sender }}"), world("AE", lines=SMS)) == []
