"""What people write becomes what they mean."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hearing.intents import Asked, Confidence, Details, DisputeAbout, Intent
from app.hearing.lexicon import lexicon
from app.hearing.opt_out_words import EXACT_BY_LANGUAGE, PHRASES, WRONG_NUMBER
from app.hearing.tokens import LONGEST
from app.hearing.understanding import SILENCING, understand

SUNDAY = date(2026, 3, 1)
LEXICON_LOCALES = ("en", "he", "ar", "lt", "es", "fr", "de", "it", "pl", "ru")


def intents(text: str, *locales: str) -> list[Intent]:
    return [meaning.intent for meaning in understand(text, Asked(SUNDAY, locales))]


def details(text: str, intent: Intent, *locales: str) -> Details:
    meanings = understand(text, Asked(SUNDAY, locales))
    return next(meaning.details for meaning in meanings if meaning.intent is intent)


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("STOP", Intent.OPT_OUT, Confidence.CERTAIN),
        ("הסר בבקשה", Intent.OPT_OUT, Confidence.CERTAIN),
        ("please remove me from this", Intent.OPT_OUT, Confidence.POSSIBLE),
        ("wrong number", Intent.WRONG_PERSON, Confidence.LIKELY),
        ("start", Intent.OPT_IN, Confidence.CERTAIN),
        ("מידע", Intent.HELP, Confidence.CERTAIN),
        ("", Intent.UNCLEAR, Confidence.POSSIBLE),
        ("qwerty", Intent.UNCLEAR, Confidence.POSSIBLE),
    ],
)
def test_the_words_of_every_language_come_first(
    text: str, intent: Intent, confidence: Confidence
) -> None:
    first = understand(text, Asked(SUNDAY, ("lt",)))[0]

    assert (first.intent, first.confidence) == (intent, confidence)


@pytest.mark.parametrize("language", sorted(EXACT_BY_LANGUAGE))
def test_every_listed_stop_word_is_an_opt_out_and_nothing_else(language: str) -> None:
    for word in EXACT_BY_LANGUAGE[language].split(","):
        for dressed in (word, word.upper(), f"«{word.strip()}»!"):
            (only,) = understand(dressed, Asked(SUNDAY, ("en",)))
            assert (only.intent, only.confidence) == (Intent.OPT_OUT, Confidence.CERTAIN), word


@pytest.mark.parametrize("phrase", f"{PHRASES},{WRONG_NUMBER}".split(","))
def test_every_listed_phrase_at_least_holds(phrase: str) -> None:
    for text in (phrase, f"hello, {phrase}, 7", f"I will pay on Friday. {phrase}"):
        assert not SILENCING.isdisjoint(intents(text)), phrase


@pytest.mark.parametrize("text", ["🛑", "👎", "✋", "🖕", "f off", "piss off", "fuck off"])
def test_a_rude_or_raised_hand_holds(text: str) -> None:
    assert not SILENCING.isdisjoint(intents(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I will not pay", [Intent.UNCLEAR]),
        ("I haven't paid yet", [Intent.UNCLEAR]),
        ("I'll pay on Friday", [Intent.PROMISE]),
        ("I lost my job but I will pay on Friday", [Intent.HARDSHIP, Intent.PROMISE]),
        ("My lawyer will call you. My mother died.", [Intent.BEREAVEMENT, Intent.LAWYER]),
        ("Friday", [Intent.PROMISE]),
        ("thanks, I'll pay tomorrow", [Intent.PROMISE]),
        ("thanks 👍", [Intent.THANKS]),
    ],
)
def test_several_meanings_stand_gravest_first(text: str, expected: list[Intent]) -> None:
    assert intents(text, "en") == expected


def test_to_die_of_hunger_is_no_danger_to_oneself() -> None:
    assert intents("I don't want to die of hunger", "en") == [Intent.HARDSHIP]


@pytest.mark.parametrize(
    "text",
    [
        "I can't go on",
        "everyone would be better off without me",
        "I'd rather be dead",
        "אין לי כוח יותר",
        "עדיף שאמות",
        "مش قادر أكمل",
        "الموت أرحم",
        "nebegaliu taip gyventi",
        "no puedo más",
        "j'en peux plus",
        "ich kann nicht mehr",
        "non ce la faccio più",
        "nie mam siły żyć",
        "не хочу жить",
    ],
)
def test_danger_to_oneself_is_heard_in_any_language_whatever_the_contacts(text: str) -> None:
    for locales in ((), ("en",), ("lt",), ("ar",)):
        assert intents(text, *locales)[0] is Intent.SELF_HARM


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("I'll pay on Friday if I'm not dead by then", "en"),
        ("אשלם ביום ראשון אם לא אמות קודם", "he"),
        ("سأدفع يوم الأحد إذا لم أمت، الموت أقرب", "ar"),
        ("sumokėsiu penktadienį, jei nenumirsiu", "lt"),
        ("pago el viernes, si no me muero antes", "es"),
        ("je paie vendredi si je ne meurs pas avant", "fr"),
        ("ich zahle am Freitag, wenn ich dann nicht tot bin", "de"),
        ("pago venerdì, se non muoio prima", "it"),
        ("zapłacę w piątek, jeśli nie umrę", "pl"),
        ("заплачу в пятницу, если не умру", "ru"),
    ],
)
def test_a_day_beside_a_word_of_death_is_no_promise(text: str, locale: str) -> None:
    assert intents(text, locale)[0] is Intent.SELF_HARM


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("my phone died, I'll pay on Monday", "en"),
        ("I'll pay at the end of the month", "en"),
        ("אשלם בסוף החודש", "he"),
        ("sumokėsiu mėnesio gale", "lt"),
        ("pago a fin de mes, no antes", "es"),
        ("je paie à la fin du mois", "fr"),
        ("ich zahle am Ende des Monats", "de"),
        ("pago a fine mese", "it"),
        ("zapłacę pod koniec miesiąca", "pl"),
        ("заплачу в конце месяца", "ru"),
    ],
)
def test_an_end_of_something_else_is_no_danger(text: str, locale: str) -> None:
    assert Intent.SELF_HARM not in intents(text, locale)


def test_words_of_death_that_are_explained_are_no_danger() -> None:
    said = intents("my father died in March, I was at his side", "en")

    assert said[0] is Intent.BEREAVEMENT


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("what do you know about me?", "en"),
        ("I want a copy of my data under GDPR Art. 15", "en"),
        ("delete my data", "en"),
        ("מה אתם יודעים עליי?", "he"),
        ("احذفوا بياناتي", "ar"),
        ("ką jūs žinote apie mane?", "lt"),
        ("¿qué datos tienen de mí?", "es"),
        ("envoyez-moi mes données, article 15 RGPD", "fr"),
        ("Auskunft nach Art. 15 DSGVO", "de"),
        ("Löschen Sie meine Daten", "de"),
        ("cancellate i miei dati", "it"),
        ("jakie dane macie, RODO", "pl"),
        ("что вы знаете обо мне?", "ru"),
    ],
)
def test_a_request_for_data_is_a_complaint_whose_rule_says_so(text: str, locale: str) -> None:
    said = {meaning.intent: meaning for meaning in understand(text, Asked(SUNDAY, (locale,)))}

    assert said[Intent.COMPLAINT].rule.endswith("data_request")


def test_a_complaint_beside_a_request_for_data_is_a_complaint() -> None:
    said = {
        meaning.intent: meaning
        for meaning in understand("this is harassment, delete my data", Asked(SUNDAY, ("en",)))
    }

    assert not said[Intent.COMPLAINT].rule.endswith("data_request")


def test_a_promise_has_its_day_and_amount() -> None:
    said = details("I'll pay 1,240.50 EUR on the 5th", Intent.PROMISE, "en")

    assert (said.on, said.amount, said.currency) == (
        date(2026, 3, 5),
        Decimal("1240.50"),
        "EUR",
    )


def test_a_payment_made_has_its_day_and_way() -> None:
    said = details("שילמתי אתמול בביט", Intent.PAID_ALREADY, "he")

    assert (said.on, said.method) == (date(2026, 2, 28), "app")


def test_a_dispute_says_about_what() -> None:
    said = details("nigdy nie dostałem paczki", Intent.DISPUTE, "pl")

    assert said.about is DisputeAbout.NOT_RECEIVED


def test_a_telephone_and_hours_are_read() -> None:
    said = details("call me on 052-1234567 after 6pm", Intent.CALL_ME, "en")

    assert (said.phone, str(said.not_before)) == ("0521234567", "18:00:00")


def test_the_writers_language_comes_first_where_days_differ() -> None:
    assert details("te pago el mar 5", Intent.PROMISE, "es").on == date(2026, 3, 5)


def test_a_rule_tells_no_word_of_the_text() -> None:
    for text in ("STOP", "I'll pay Friday", "qwerty", "Friday"):
        for meaning in understand(text, Asked(SUNDAY)):
            assert meaning.rule.partition(".")[0] in {*LEXICON_LOCALES, "exact", "none", "day"}


@given(st.text(max_size=200), st.sampled_from([(), ("en",), ("he", "ru"), ("xx",)]))
def test_any_text_has_a_reading(text: str, locales: tuple[str, ...]) -> None:
    meanings = understand(text, Asked(SUNDAY, locales))
    order = list(Intent)
    ranks = [order.index(meaning.intent) for meaning in meanings]

    assert meanings
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "pay " * 250_000,
        "stop " * 200_000,
        "1,1" * 300_000,
        "9" * 1_000_000,
        "don't " * 150_000,
        "can't pay .. " * 80_000,
        "לא " * 300_000,
        "e\u0301" * 300_000,
        "(" * 1_000_000,
        "+0 " * 300_000,
        "'" * 1_000_000,
        "🛑" * 300_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_no_text_takes_long(text: str) -> None:
    lexicon()
    start = time.process_time()

    meanings = understand(text, Asked(SUNDAY, ("en",)))

    assert time.process_time() - start < 3
    assert [meaning for meaning in meanings if meaning.intent not in SILENCING] == []


def test_what_stands_behind_a_very_long_beginning_is_not_believed() -> None:
    assert intents("I will pay on Friday " + "x" * LONGEST, "en") == [Intent.UNCLEAR]


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "I can't any more afford it"),
        ("en", "why bother calling, I paid"),
        ("de", "ich will nicht bezahlen"),
        ("de", "Ich kann die Rechnung nicht mehr finden"),
        ("fr", "je ne veux plus payer"),
        ("es", "ya no puedo pagar"),
        ("pl", "nie mam siły, ale zapłacę"),
        ("ru", "не могу больше ждать посылку"),
        ("he", "לא יכול יותר לשלם"),
    ],
)
def test_a_vague_word_about_business_is_no_danger(locale: str, text: str) -> None:
    meanings = understand(text, Asked(date(2026, 3, 3), (locale,)))

    assert Intent.SELF_HARM not in {each.intent for each in meanings}


def test_one_vague_word_is_possible_and_two_are_likely() -> None:
    asked = Asked(date(2026, 3, 3), ("en",))
    once = understand("I can't do this anymore", asked)[0]
    twice = understand("I can't do this anymore. there is no hope", asked)[0]

    assert (once.intent, once.confidence) == (Intent.SELF_HARM, Confidence.POSSIBLE)
    assert (twice.intent, twice.confidence) == (Intent.SELF_HARM, Confidence.LIKELY)
