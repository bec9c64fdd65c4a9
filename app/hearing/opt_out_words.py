"""Words by which people say "stop": one list for all languages, whatever the customer's own is.

The lists follow the contact rules, section 7; words marked there as native usage still want a
native speaker's nod. They only ever make Duly more silent, so a word too many costs little. No word
of these lists may be given another meaning. `RETURN` alone undoes something, and it is short.
"""

from __future__ import annotations

from typing import Final

# The whole message, by language. One list is matched as a whole: people mix languages.
EXACT_BY_LANGUAGE: Final = {
    "en": "stop, stopall, stop all, unsubscribe, cancel, end, quit, revoke, optout, opt out,"
    " remove, stop2quit",
    "fr": "stop, arret, arrêtez, desabonner, desabonnement, desinscrire, stop sms, annuler, fin",
    "es": "stop, detener, deténgase, salir, alto, parar, pare, cancelar, baja, darme de baja",
    "pt": "stop, parar, cancelar, sair, remover, descadastrar",
    "zh": "td, t, n, 退订, 停止, 停, 别发了, 不要发了",
    "he": "stop, הסר, סטופ, הסרה, הסירו, להסיר, הסירו אותי, הפסק, הפסיקו, עצור, עצרו, די, תפסיקו,"
    " תפסיק, תסיר, ביטול, בטל, בטלו",
    "ar": "stop, إيقاف, ايقاف, أوقف, توقف, قف, إلغاء, الغاء, إلغاء الاشتراك, كفى, لا ترسل",
    "lt": "stop, stabdyti, sustabdyti, atsisakau, atsisakyti, nebesiųskite, neberašykite, baigti",
    "pl": "stop, wypisz, wypisz mnie, rezygnuję, rezygnacja, koniec, anuluj, usuń",
    "it": "stop, cancella, cancellami, annulla, annulla iscrizione, disiscrivi, disiscrivimi,"
    " rimuovi, basta, basta messaggi, ferma",
    "de": "stop, stopp, abmelden, abbestellen, ende, beenden, aufhören, aufhoeren",
    "ru": "стоп, stop, отписаться, отписка, отмена, хватит",
    "uk": "стоп, відписатися, відписка, годі",
    "lv": "atteikties, pārtraukt",
    "et": "stopp, loobun",
    "ro": "dezabonare, oprire",
    "tr": "dur, durdur, iptal, ret",
    "el": "στοπ, σταματήστε, διαγραφή",
    "vi": "dừng lại, ngừng, huỷ",
    "ko": "중지, 그만",
    "ja": "解除, やめて, 止めて",
    "hi": "बंद करो, रोको, स्टॉप",
}

# The first word of up to four: these mean nothing else at the head of a short message. "End",
# "koniec", "די", "cancel" and "basta" do ("end of month"), so with more words they only hold.
UNMISTAKABLE: Final = (
    "stop, stopall, stopp, unsubscribe, optout, arret, desabonner, abmelden, abbestellen, wypisz,"
    " стоп, отписаться, відписатися, στοπ, הסר, הסירו, סטופ, إيقاف, nebesiųskite, neberašykite,"
    " atsisakau"
)
SHORT: Final = 4

# Anywhere in a message: probably an opt-out. It holds everything until a person has read it.
PHRASES: Final = (
    "stop, unsubscribe, opt out, remove me, remove my name, remove my number, take me off,"
    " lose my number, delete my number, leave me alone, don't text, don't call, don't write,"
    " don't contact, do not text, do not call, do not write, do not contact, goodbye,"
    " cancel, quit, block,"
    " הסר, הסירו, תסיר, עצור, עצרו, הפסיקו, תפסיק, תפסיקו, הפסק, ביטול, בטל, בטלו, אל תשלח,"
    " אל תשלחו, לא לשלוח,"
    " توقف, إلغاء, إيقاف, لا ترسل, لا ترسلوا,"
    " nebesiųskite, neberašykite, neskambinkite,"
    " nie piszcie, nie dzwońcie, wypisz,"
    " не пишите, не звоните, отписаться, отмена,"
    " schreiben sie mir nicht, kontaktieren sie mich nicht,"
    " ne m'écrivez plus, non scrivetemi, no me escriban"
)

# Anywhere in a message: this address is somebody else's. It holds as the phrases above do, and says
# more: nothing about a debt may be said to whoever wrote it.
WRONG_NUMBER: Final = (
    "wrong number, מספר טעות, رقم خاطئ, ne tas numeris, zły numer, falsche nummer, mauvais numéro,"
    " numero sbagliato, número equivocado"
)

# The whole message: takes back a stop word of the same address. Only words that providers document
# as their defaults. YES, CONTINUE and RESUME are left out, since each may answer something else,
# and so are native words that no provider lists: a person reads those.
RETURN: Final = "start, unstop, subscribe, volver, recibir, voltar, receber"

# The whole message: who are you? It is answered at once with a name and a number, and holds nobody.
HELP: Final = (
    "help, info, aide, ayuda, ajuda, עזרה, מידע, مساعدة, pagalba, pomoc, aiuto, hilfe, помощь,"
    " допомога"
)
HELP_KEYWORDS: Final = frozenset({"help", "info"})
"""Those that providers know, and may answer before we hear of them (Twilio's default does)."""
