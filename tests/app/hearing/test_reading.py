"""Which texts stop us at once, and which wait for a person."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hearing.opt_out_words import EXACT_BY_LANGUAGE
from app.hearing.reading import Verdict, normalise, read
from campaigns.duties import OptOut
from tests.campaigns.policyfacts import SHIPPED

# Where we differ from the collected lists, and why.
DISAGREEMENTS = {
    "NO": "a plain negative: it answers a question, and other lists of the same set say so",
}


# Words of return that we leave to a person, and why.
LEFT = {
    "YES": "it answers a question",
    "CONTINUE": "it answers a question",
    "RESUME": "it answers a question",
    "ALTA": "from an application, no provider's",
    "СТАРТ": "from an application, no provider's",
    "ПОДПИСКА": "from an application, no provider's",
}


def _cases(vectors: Path, name: str) -> list[dict[str, Any]]:
    told = json.loads((vectors / "keywords" / name).read_text("utf-8"))
    return list(told["cases"])


def test_every_exact_opt_out_of_the_collected_lists_stops_at_once(vectors: Path) -> None:
    missed = {
        case["text"]
        for case in _cases(vectors, "opt_keywords.json")
        if case["intent"] == "opt-out"
        and case["match"] == "exact"
        and read(case["text"]).verdict is not Verdict.OPT_OUT
    }

    assert missed == set(DISAGREEMENTS)


def test_every_word_that_a_rule_pack_names_as_a_stop_stops_at_once() -> None:
    rows = [rule for pack in SHIPPED.values() for rule in pack.rules if isinstance(rule, OptOut)]
    words = {word for row in rows for word in row.words}

    assert {"revoke", "opt out", "stopall"} <= words
    assert [word for word in sorted(words) if read(word).verdict is not Verdict.OPT_OUT] == []


def test_every_opt_out_phrase_of_the_collected_lists_at_least_holds_for_good(
    vectors: Path,
) -> None:
    unread = [
        case["text"]
        for case in _cases(vectors, "opt_keywords.json")
        if case["intent"] == "opt-out"
        and case["match"] != "exact"
        and read(f"Hello, {case['text']} and be well").verdict is Verdict.UNREAD
        and read(case["text"]).verdict is not Verdict.OPT_OUT
    ]

    assert unread == []


def test_no_word_of_help_stops_anybody(vectors: Path) -> None:
    for case in _cases(vectors, "opt_keywords.json"):
        if case["intent"] == "help":
            assert read(case["text"]).verdict is Verdict.HELP, case["id"]


def test_every_word_of_return_that_a_provider_documents_is_one(vectors: Path) -> None:
    words = {
        case["text"].upper(): read(case["text"]).verdict
        for case in _cases(vectors, "opt_keywords.json")
        if case["intent"] == "opt-in"
    }

    assert {word for word, verdict in words.items() if verdict is not Verdict.OPT_IN} == set(LEFT)
    assert {words[word] for word in LEFT} == {Verdict.UNREAD}


@pytest.mark.parametrize("text", ["start", "Unstop!", "VOLVER", "recibir", "Voltar", "receber"])
def test_a_word_of_return_alone_is_one(text: str) -> None:
    assert read(text).verdict is Verdict.OPT_IN
    assert read(f"{text} 2").verdict is Verdict.UNREAD


@pytest.mark.parametrize("text", ["yes", "חזור", "اشتراك", "pradėti", "I want to start paying"])
def test_what_no_provider_lists_is_for_a_person(text: str) -> None:
    assert read(text).verdict is Verdict.UNREAD


@pytest.mark.parametrize("text", ["Help!", "INFO", "עזרה", "مساعدة", "Pagalba"])
def test_a_word_for_help_alone_asks_who_we_are(text: str) -> None:
    assert read(text).verdict is Verdict.HELP
    assert read(f"{text} 2 3").verdict is not Verdict.HELP


def test_the_edge_cases_are_read_as_collected(vectors: Path) -> None:
    allowed = {
        "opt-out": {Verdict.OPT_OUT},
        "none": {Verdict.UNREAD},
        "ambiguous": {Verdict.OPT_OUT, Verdict.SUSPECTED},
    }
    for case in _cases(vectors, "edge_cases.json"):
        assert read(case["text"]).verdict in allowed[case["expected_intent"]], case["id"]


@pytest.mark.parametrize(
    "text",
    [
        "Stop please.",  # contact rules, section 11, row 10
        "סטופ",
        "הסר.",
        "\u200fהסר",
        "إيقاف!!",
        "ATSISAKAU",
        "STOP",
        " stop\n",
        "«Stop»",
        "stop 🙏",
        "Stop texting me",
        "S T O P",
        "s.t.o.p!",
        "OPT-OUT",
        "opt out please",
        "Arrêt",
        "ARRET",
        "הָסֵר",
        "הסרה ❤️",
        "إلغاء الاشتراك",
        "أوقف",
        "ايقاف",
        "توقـف",
        "İPTAL",
        "iptal",
        "Nebesiųskite",
        "NEBESIUSKITE",
        "rezygnuję",
        "REZYGNUJE",
        "ＳＴＯＰ",
        "s\u00adtop",
        "ביטול",
        "END",
        "די",
    ],
)
def test_an_opt_out_is_read_in_any_dress(text: str) -> None:
    assert read(text).verdict is Verdict.OPT_OUT


@pytest.mark.parametrize(
    "text", ["end of month", "Ende des Monats", "koniec miesiąca", "די בסדר", "basta pagare domani"]
)
def test_a_word_with_another_meaning_stops_only_alone(text: str) -> None:
    assert read(text).verdict is Verdict.UNREAD


@pytest.mark.parametrize(
    "text",
    [
        "please remove me from this",
        "I said don't text me!",
        "DON’T CALL",
        "this is the wrong number",
        "אל תשלחו לי יותר",
        "لا ترسلوا لي رسائل",
        "Nie piszcie do mnie",
        "I want you to stop sending me these messages now",
    ],
)
def test_what_is_probably_an_opt_out_is_suspected(text: str) -> None:
    assert read(text).verdict is Verdict.SUSPECTED


@pytest.mark.parametrize("text", ["", " ", "🛑", "👎", "ok", "I will pay on Friday", "כן"])
def test_the_rest_is_for_a_person(text: str) -> None:
    assert read(text).verdict is Verdict.UNREAD


@pytest.mark.parametrize("language", sorted(EXACT_BY_LANGUAGE))
def test_every_listed_word_is_found_in_any_case(language: str) -> None:
    for word in EXACT_BY_LANGUAGE[language].split(", "):
        assert read(word.upper()).verdict is Verdict.OPT_OUT, word


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(max_size=60))
def test_a_reading_tells_no_word_of_the_text(text: str) -> None:
    assert read(text).rule in {
        "exact", "keyword", "first_word", "phrase", "wrong_number", "none",
    }  # fmt: skip
