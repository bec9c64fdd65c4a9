"""The sample book and its people: the same for the same seed, and innocent of Duly's tables."""

from datetime import UTC, date, datetime, timedelta

import phonenumbers

from app.lab.acts import Act, Letter
from app.lab.book import HOUSES, Account, sample_book
from app.lab.names import LANGUAGES, name_of
from app.lab.people import Crowd
from app.lab.replies import STOP, WORDS, WRONG_NUMBER
from app.lab.traits import HABITS, Type, traits_of

START, END = date(2026, 5, 1), date(2026, 6, 30)
NOON = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def _book(customers: int = 400, seed: int = 7) -> tuple[Account, ...]:
    return sample_book(customers, seed=seed, start=START, end=END)


def _letter(account: Account, at: datetime) -> Letter:
    assert account.phone is not None
    return Letter(account.who, "sms", account.creditor.sender_phone, account.phone, "A" * 22, at)


def _lived(seed: int) -> list[Act]:
    """Everybody gets every bill and ten texts, and two months pass."""
    accounts = _book(120, seed)
    crowd = Crowd(accounts, seed)
    for account in accounts:
        for bill in account.bills:
            crowd.bill(account.who, bill, NOON)
        for week in range(10):
            crowd.receive(_letter(account, NOON + timedelta(days=6 * week)))
    return [act for day in range(75) for act in crowd.due(NOON + timedelta(days=day))]


def test_the_same_seed_makes_the_same_book_and_another_seed_another() -> None:
    assert _book() == _book()
    assert _book(seed=8) != _book()


def test_a_smaller_book_is_the_beginning_of_a_larger_one() -> None:
    assert _book(50) == _book(400)[:50]


def test_nobody_in_the_book_can_be_reached_for_real() -> None:
    for account in _book():
        assert account.email is not None
        assert account.email.endswith(".example")
        assert account.phone is not None
        number = phonenumbers.parse(account.phone)
        assert str(number.national_number)[2 if number.country_code == 972 else 1 :][:2] == "00"


def test_the_book_holds_all_that_a_demo_wants_to_show() -> None:
    book = _book(1000)

    assert {account.locale for account in book} == {"he", "ar", "lt", "en"}
    assert {account.house for account in book} == set(HOUSES)
    assert {len(account.media) for account in book} == {0, 1, 2, 3}
    assert {account.preferred for account in book} >= {None, "sms", "email", "whatsapp"}
    assert len({account.person for account in book}) < len(book)
    assert not all(account.consented for account in book)
    dues = [bill.due_on for account in book for bill in account.bills]
    assert min(dues) < START < max(dues)
    assert any(START < due < START + timedelta(days=5) for due in dues)


def test_a_person_who_owes_twice_is_one_person_with_one_number() -> None:
    by_person: dict[str, list[Account]] = {}
    for account in _book(1000):
        by_person.setdefault(account.person, []).append(account)
    twice = [accounts for accounts in by_person.values() if len(accounts) > 1]

    assert twice
    for first, second in twice:
        assert (first.phone, first.email) == (second.phone, second.email)
        assert first.house != second.house


def test_names_are_in_the_script_of_their_language() -> None:
    for language, letters in (("he", "אבגדהוזחטיכלמנסעפצקרשת"), ("ar", "ابتثجحخدرسعفقلمنهوي")):
        for number in range(200):
            name = name_of(7, f"P{number}", language)
            assert set(name.full) & set(letters)
    assert LANGUAGES == ("ar", "de", "en", "he", "lt")


def test_every_lithuanian_has_a_vocative_and_nobody_else() -> None:
    names = {language: name_of(7, "P1", language) for language in LANGUAGES}

    assert names["lt"].vocative
    assert all(names[language].vocative is None for language in ("ar", "de", "en", "he"))


def test_people_do_the_same_for_the_same_seed() -> None:
    assert _lived(7) == _lived(7)
    assert _lived(8) != _lived(7)


def test_people_do_all_that_people_do() -> None:
    done = {type(act).__name__ for seed in range(4) for act in _lived(seed)}

    assert done == {
        "Open", "PayByCard", "PayByTransfer", "Promise", "Contest", "AskForHelp",
        "SayWrongPerson", "PressStop", "Write", "AgreePlan", "PayNextPart",
    } - {"PressStop"}  # these people were texted only, and mail is where one presses  # fmt: skip


def test_nobody_answers_a_message_that_never_came() -> None:
    crowd = Crowd(_book(200), 7)

    assert list(crowd.due(NOON + timedelta(days=60))) == []
    assert crowd.next_at() is None


def test_who_owes_nothing_leaves_a_message_alone() -> None:
    accounts = [a for a in _book(300) if traits_of(7, a.who).type is not Type.STRANGER]
    crowd = Crowd(accounts, 7)
    for account in accounts:
        crowd.receive(_letter(account, NOON))

    assert list(crowd.due(NOON + timedelta(days=10))) == []


def test_every_type_has_habits_and_every_language_its_words() -> None:
    assert set(HABITS) == set(Type)
    for words in (STOP, WORDS, WRONG_NUMBER):
        assert set(words) == set(LANGUAGES)
