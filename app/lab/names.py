"""Names for the people of the sample book: invented pairings of names that each language has.

Every list is in its own script. Lithuanian given names come with their vocative, because a letter
calls people by it; family names there differ for men and women.
"""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.keys import draw


@dataclass(frozen=True, slots=True)
class FullName:
    """One person's name. `gender` is known for the name's own sake: f or m."""

    given: str
    family: str
    gender: str
    vocative: str | None = None

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}"


_GIVEN = {
    (
        "he",
        "f",
    ): "נועה, תמר, מאיה, יעל, שירה, אביגיל, רות, דנה, הילה, מיכל, ליאור, אורלי, גלית, עדי,"
    " רונית, סיגל, טליה, נטע, אסתר, חנה",
    ("he", "m"): "דוד, יוסף, איתי, אורי, נועם, עומר, יונתן, אלון, גיל, רון, משה, אבי, שלמה, תומר,"
    " עידו, אסף, ברק, אלעד, מתן, זאב",
    ("ar", "f"): "مريم, ليلى, نور, سلمى, هدى, رنا, أمل, سارة, ياسمين, دعاء, لينا, ميساء, سهى,"
    " عبير, رولا, منى",
    ("ar", "m"): "محمد, أحمد, سامر, خالد, يوسف, عمر, رامي, إبراهيم, وسيم, نبيل, جمال, زياد, فادي,"
    " ماجد, طارق, بشير",
    ("en", "f"): "Emma, Olivia, Grace, Hannah, Chloe, Ruth, Maria, Anna, Sofia, Priya, Mei, Amara,"
    " Elena, Zoe, Fiona, Nadia",
    ("en", "m"): "James, Daniel, Oliver, Samuel, Leo, Peter, Marco, Ivan, Arjun, Kofi, Henry,"
    " Thomas, Victor, Adam, Niall, Jan",
    ("lt", "f"): "Eglė/Egle, Rasa/Rasa, Austėja/Austėja, Ieva/Ieva, Gabija/Gabija, Ugnė/Ugne,"
    " Rūta/Rūta, Jurgita/Jurgita, Inga/Inga, Lina/Lina, Aistė/Aiste, Saulė/Saule, Živilė/Živile,"
    " Daiva/Daiva, Kristina/Kristina, Birutė/Birute, Neringa/Neringa, Milda/Milda",
    ("lt", "m"): "Jonas/Jonai, Tomas/Tomai, Mantas/Mantai, Lukas/Lukai, Andrius/Andriau,"
    " Darius/Dariau, Mindaugas/Mindaugai, Vytautas/Vytautai, Rokas/Rokai, Marius/Mariau,"
    " Paulius/Pauliau, Kęstutis/Kęstuti, Giedrius/Giedriau, Dovydas/Dovydai, Algirdas/Algirdai,"
    " Saulius/Sauliau, Povilas/Povilai, Arūnas/Arūnai",
    ("de", "f"): "Anna, Lena, Katharina, Julia, Sabine, Petra, Ayşe, Claudia, Franziska, Heike,"
    " Ines, Johanna, Karin, Mareike, Nadine, Silke",
    ("de", "m"): "Jonas, Lukas, Stefan, Thomas, Michael, Andreas, Mehmet, Jürgen, Florian,"
    " Sebastian, Matthias, Uwe, Tobias, Holger, Felix, Jens",
}
_FAMILY = {
    ("he", ""): "כהן, לוי, מזרחי, פרץ, ביטון, אברהם, פרידמן, שפירא, גולן, ברק, אזולאי, דהן, חדד,"
    " רוזן, קליין, אוחיון, סגל, נחום, שרון, גבאי, ליבוביץ, הראל, אלמוג, צור",
    ("ar", ""): "خوري, حداد, نصار, عودة, مصري, زعبي, خطيب, شحادة, بشارة, عباس, منصور, صباغ, سلامة,"
    " دراوشة, جبران, حبيب, قاسم, نجار, عيسى, فرح",
    ("en", ""): "Baker, Walsh, Novak, Fischer, Silva, Rossi, Murphy, Okafor, Sharma, Chen, Larsen,"
    " Dubois, Kovacs, Petrov, Hughes, Mendes, Weiss, Brandt, Doyle, Adler",
    ("lt", "f"): "Kazlauskienė, Jankauskaitė, Petrauskienė, Stankevičiūtė, Vasiliauskaitė,"
    " Butkienė, Žukauskaitė, Paulauskienė, Urbonaitė, Navickienė, Rimkutė, Savickaitė,"
    " Balčiūnienė, Šimkutė, Grigaitė, Mockutė",
    ("lt", "m"): "Kazlauskas, Jankauskas, Petrauskas, Stankevičius, Vasiliauskas, Butkus,"
    " Žukauskas, Paulauskas, Urbonas, Navickas, Rimkus, Savickas, Balčiūnas, Šimkus, Grigas,"
    " Mockus",
    ("de", ""): "Müller, Schmidt, Schneider, Fischer, Weber, Wagner, Becker, Hoffmann, Schäfer,"
    " Koch, Richter, Klein, Wolf, Neumann, Schwarz, Zimmermann, Krüger, Hartmann, Lange, Yılmaz,"
    " Vogel, Jansen, Böhm, Winkler",
}
LANGUAGES = tuple(sorted({language for language, _ in _GIVEN}))


def name_of(seed: int, who: str, language: str) -> FullName:
    """The name of one person: the same for the same seed, whoever else is in the book."""
    gender = "f" if draw(seed, who, "gender") < 0.52 else "m"
    given = _pick(_GIVEN[language, gender], seed, who, "given")
    families = _FAMILY.get((language, gender)) or _FAMILY[language, ""]
    given, _, vocative = given.partition("/")
    return FullName(given, _pick(families, seed, who, "family"), gender, vocative or None)


def _pick(listed: str, seed: int, who: str, what: str) -> str:
    names = [name.strip() for name in listed.split(",")]
    return names[int(draw(seed, who, what) * len(names))]
