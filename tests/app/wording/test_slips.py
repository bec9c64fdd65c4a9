"""A slip in each language is found, and its innocent neighbours are not."""

import pytest

from app.wording.check import check_template
from app.wording.files import DraftFile, shipped_files
from app.wording.slips import slips_in

FOLDER = "templates/messages/reminder_first"
SHIPPED = {row.path: row.text for row in shipped_files() if row.path.startswith(f"{FOLDER}/")}


def words(text: str, locale: str, *forms: str) -> list[str]:
    return [slip.word for slip in slips_in(text, locale, forms=forms)]


@pytest.mark.parametrize(
    ("locale", "text", "word"),
    [
        ("he", "שלמי כאן", "שלמי"),
        ("he", "שלם כאן", "שלם כאן"),
        ("he", "נשמח לעזור. שלם", "שלם"),
        ("he", "אם אתה צריך עוד זמן", "אתה"),
        ("he", "אם את צריכה עוד זמן", "את צריכה"),
        ("he", "כשתוכלי, נשמח לשמוע", "כשתוכלי"),
        ("he", "אם תוכל", "תוכל"),
        ("he", "הפרטים שלךָ", "שלךָ"),
        ("he", "מוזמנת לכתוב", "מוזמנת"),
        ("he", "מוזמן לכתוב", "מוזמן"),
        ("he", "נחזור אליך מחר", "אליך"),
        ("he", "נחזור אלייך מחר", "אלייך"),
        ("he", "תוכל/י לבחור", "תוכל/י"),
        ("he", "מוזמן.ת לכתוב", "מוזמן.ת"),
        ("he", "מוזמן(ת) לכתוב", "מוזמן(ת)"),
        ("ar", "ادفعي هنا", "ادفعي"),
        ("ar", "ادفع هنا", "ادفع"),
        ("ar", "إن كنتِ", "كنتِ"),
        ("ar", "أنتَ", "أنتَ"),
        ("ar", "عليكِ", "عليكِ"),
        ("ar", "وتستطيعين الدفع", "وتستطيعين"),
        ("ar", "تستطيع الدفع", "تستطيع"),
        ("ar", "عزيزتي لينا", "عزيزتي"),
        ("ar", "اختَر يومًا", "اختر"),
        ("ar", "فأخبرينا", "فأخبرينا"),
        ("ar", "يكفي أن تخبرنا", "أن تخبرنا"),
        ("lt", "tu gali", "tu"),
        ("lt", "Tavo sąskaita", "Tavo"),
        ("lt", "Parašyk mums", "Parašyk"),
        ("lt", "kada sumokėsi", "sumokėsi"),
        ("lt", "dėl jūsų sąskaitos", "jūsų"),
        ("lt", "jeigu sumokėjote/-ėt", "sumokėjote/-ėt"),
        ("lt", "pasirinkęs(-usi)", "pasirinkęs(-usi)"),
        ("en", "Dear Sir", "Sir"),
        ("en", "ask him or her", "him"),
        ("en", "a customer and his/her invoice", "his/her"),
        ("de", "Du kannst hier zahlen", "Du"),
        ("de", "wegen deiner Rechnung", "deiner"),
        ("de", "Sehr geehrte Frau Weiss", "Frau"),
    ],
)
def test_a_slip_is_found(locale: str, text: str, word: str) -> None:
    anybody = "formal" if locale == "lt" else "neutral"
    found = slips_in(f"א\n{text}", locale, forms=(anybody,))
    assert word in [slip.word for slip in found]
    assert {slip.line for slip in found} == {2}
    assert all(slip.why and slip.remedy for slip in found)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("he", "חברה אחרת תפנה במקומנו, וזה לא יקרה אם התשלום יגיע. השיבו \"הסר\""),
        ("he", "ראינו את התשלום, תודה שסיפרת לנו. הסכום שלך, ואפשר לשלם"),
        ("ar", "يمكنك الدفع الآن، ودفعت، وعليك، وتكفي رسالة قصيرة تصلك"),
        ("lt", "Bankas gali nurodyti priežastį, jeigu Jūs norite. Jums, Jūsų, savo"),
        ("en", "You can pay 24/7 at https://pay.example.com/p/abc. There, here, this"),
        ("de", "Wenn Sie lieber sprechen möchten, durch Ihren Kundendienst. Dieser Tag, die Dauer"),
    ],
)  # fmt: skip
def test_what_is_right_for_anybody_is_no_slip(locale: str, text: str) -> None:
    assert words(text, locale, "formal" if locale == "lt" else "neutral") == []


def test_a_form_may_say_its_own_words_and_no_others() -> None:
    assert words("תוכלי לבחור", "he", "f") == []
    assert words("תוכלי לבחור", "he", "m") == ["תוכלי"]
    assert words("tau, parašyk", "lt", "informal") == []
    assert words("Ką gaunate, ką davėte", "lt", "informal") == ["gaunate", "davėte"]
    assert words("Jums tinka, parašykite", "lt", "informal") == ["Jums", "parašykite"]


def test_who_says_tu_once_says_it_throughout() -> None:
    assert words("Galite mokėti", "lt", "formal", "informal") == ["Galite"]


@pytest.mark.parametrize(
    ("locale", "old", "new", "word"),
    [
        ("he", "אם משהו מעכב, נשמח לדעת.", "אם משהו מעכב, ספרי לנו.", "ספרי"),
        ("ar", "فنود أن نعرف. غالبًا", "فأخبرينا. غالبًا", "فأخبرينا"),
        ("lt", "Matyt, mokėjimas", "Matyt, tavo mokėjimas", "tavo"),
        ("en", "thank you. Your payment", "thank you, sir. Your payment", "sir"),
    ],
)
def test_the_checker_names_file_line_cause_and_remedy(
    locale: str, old: str, new: str, word: str
) -> None:
    path = f"{FOLDER}/{locale}.yaml"
    assert old in SHIPPED[path]
    text = SHIPPED[path].replace(old, new)
    (found,) = check_template([DraftFile(path, text)], locales=())
    assert (found.file, found.line) == (path, text[: text.index(new)].count("\n") + 1)
    assert found.problem.startswith(f"`{word}` ")
    assert found.remedy
