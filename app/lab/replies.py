"""What people write back, in their own language."""

from __future__ import annotations

from collections.abc import Mapping

STOP: Mapping[str, tuple[str, ...]] = {
    "he": ("הסר", "הסירו אותי", "די"),
    "ar": ("إيقاف", "توقف", "لا ترسل"),
    "lt": ("STOP", "Nebesiųskite", "Atsisakau"),
    "en": ("STOP", "Unsubscribe", "stop please"),
    "de": ("STOP", "Abmelden", "Bitte nicht mehr schreiben"),
}
WRONG_NUMBER: Mapping[str, str] = {
    "he": "זה מספר טעות, אני לא מכיר את האדם הזה",
    "ar": "رقم خاطئ، لست الشخص المقصود",
    "lt": "Čia ne tas numeris, tokio žmogaus nepažįstu",
    "en": "Wrong number, I do not know this person",
    "de": "Falsche Nummer, diese Person kenne ich nicht",
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "he": (
        "אשלם ביום חמישי אחרי המשכורת",
        "אני לא מבין את החשבון, אפשר לדבר עם מישהו?",
        "כבר שילמתי בבנק הדואר בשבוע שעבר",
    ),
    "ar": (
        "سأدفع بعد نزول الراتب يوم الخميس",
        "لا أفهم هذه الفاتورة، هل يمكن أن أتحدث مع أحد؟",
        "لقد دفعت في البنك الأسبوع الماضي",
    ),
    "lt": (
        "Sumokėsiu penktadienį, kai gausiu algą",
        "Nesuprantu šios sąskaitos, ar galiu su kuo nors pasikalbėti?",
        "Jau sumokėjau praėjusią savaitę per banką",
    ),
    "en": (
        "I will pay on Friday when my salary comes",
        "I do not understand this bill, can I talk to somebody?",
        "I paid at the bank last week",
    ),
    "de": (
        "Ich zahle am Freitag, wenn das Gehalt da ist",
        "Ich verstehe die Rechnung nicht, kann ich mit jemandem sprechen?",
        "Habe ich letzte Woche schon überwiesen",
    ),
}
