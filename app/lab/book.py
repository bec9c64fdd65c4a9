"""The sample book: two creditors and the consumers who owe them. All of it is invented.

A water utility in Haifa writes in Hebrew, Arabic and English, a fibre operator in Vilnius in
Lithuanian and English. The book is a value, made of a seed and dates alone; `stock` writes it.
Numbers begin with 00 behind the mobile prefix, mail goes to `.example`: neither can exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from app.lab.names import FullName, name_of
from app.lab.traits import pick, traits_of
from campaigns.keys import draw

OLDEST = 45  # days before the walk on which the oldest bill was due
PERIOD = 30
AHEAD = 16  # days after the walk up to which bills are known


CAMPAIGNS = (
    ("overdue", "customer", "consumer_gentle"),
    ("before due", "invoice", "consumer_before_due"),
    ("plans", "plan", "plan_upkeep"),
)


@dataclass(frozen=True, slots=True)
class Town:
    """Where some customers live, and how mobile numbers begin there."""

    region: str
    city: str
    zone: str
    mobile: str


@dataclass(frozen=True, slots=True)
class House:
    """A creditor: how it looks, where it is, whom it bills."""

    key: str
    name: str
    person: str
    phone: str
    colour: str
    postal_address: str
    country: str
    zone: str
    locale: str
    currency: str
    languages: tuple[tuple[str, float], ...]
    days_to_pay: int
    prefix: str
    mobile: str
    sender_phone: str
    sender_mail: str
    handover_to: str
    role: str = "first_party"
    sector: str = "utilities"
    kind: str = "consumer"
    debt_class: str = "consumer"
    brand: Mapping[str, str] = field(default_factory=dict)
    charges: tuple[str, ...] = ()  # what it claims of late debts by its country's law
    places: tuple[Town, ...] = ()  # where its customers live, if not all in one place
    campaigns: tuple[tuple[str, str, str], ...] = CAMPAIGNS  # name, subject, journey


HAIFA = House(
    key="mayan", name="Mayan Water", person="Noa Levi", phone="+972 4 000 0100",
    colour="#0b6e8f", postal_address="12 HaNamal St, Haifa", country="IL",
    zone="Asia/Jerusalem", locale="he", currency="ILS",
    languages=(("he", 0.56), ("ar", 0.30), ("en", 0.14)), days_to_pay=16, prefix="M",
    mobile="+9725500", sender_phone="+972550099999", sender_mail="noa@mayan.example",
    handover_to="Harel Law Office",
)  # fmt: skip
VILNIUS = House(
    key="gija", name="Gija Fibre", person="Rūta Rimkutė", phone="+370 5 000 0100",
    colour="#6b3fa0", postal_address="Upės g. 1, Vilnius", country="LT",
    zone="Europe/Vilnius", locale="lt", currency="EUR",
    languages=(("lt", 0.84), ("en", 0.16)), days_to_pay=20, prefix="G",
    mobile="+370600", sender_phone="+37060099999", sender_mail="ruta@gija.example",
    handover_to="UAB Atlaja", sector="telecoms",
)  # fmt: skip
HOUSES: Mapping[str, House] = {house.key: house for house in (HAIFA, VILNIUS)}


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice, as its receiver has it on paper."""

    number: str
    minor: int
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Account:
    """One customer of one creditor. Two accounts of one `person` share phone and mailbox.

    `who` is the customer's number at the creditor. `media` are those that Duly may try.
    """

    who: str
    creditor: House
    person: str
    name: FullName
    gender_known: bool
    locale: str
    country: str
    zone: str
    phone: str | None
    email: str | None
    media: tuple[str, ...]
    preferred: str | None
    consented: bool
    bills: tuple[Bill, ...]
    region: str | None = None
    city: str | None = None

    @property
    def house(self) -> str:
        return self.creditor.key


def sample_book(customers: int, *, seed: int, start: date, end: date) -> tuple[Account, ...]:
    """`customers` accounts, three of five in Haifa, with the bills that matter in [start, end]."""
    accounts: list[Account] = []
    for index in range(customers):
        house = HAIFA if index % 5 < 3 else VILNIUS
        who = f"{house.prefix}{10_000 + index}"
        is_second = house is VILNIUS and draw(seed, who, "second") < 0.05
        first = accounts[index - 3] if is_second and accounts else None
        accounts.append(_account(house, who, index, seed, start, end, first))
    return tuple(accounts)


def book_of(
    house: House, customers: int, *, seed: int, start: date, end: date
) -> tuple[Account, ...]:
    """`customers` accounts of one creditor, in all its towns in turn."""
    return tuple(
        _settled(_account(house, f"{house.prefix}{10_000 + i}", i, seed, start, end, None), i)
        for i in range(customers)
    )


def _settled(account: Account, index: int) -> Account:
    """The same person, in a town of the creditor's."""
    towns = account.creditor.places
    if not towns:
        return account
    town = towns[index % len(towns)]
    phone = f"{town.mobile}{index % 100_000:05}"
    return replace(account, region=town.region, city=town.city, zone=town.zone, phone=phone)


def _account(
    house: House,
    who: str,
    index: int,
    seed: int,
    start: date,
    end: date,
    first: Account | None,
) -> Account:
    """`first` is the account that the same person has at the other house."""
    language = first.locale if first else _language(house, seed, who)
    language = "en" if first and first.locale not in ("lt", "en") else language
    media = _media(seed, who)
    preferred = pick(media, seed, who, "preferred") if media else None
    return Account(
        who=who,
        creditor=house,
        person=first.person if first else f"person-{who}",
        name=first.name if first and language == first.locale else name_of(seed, who, language),
        gender_known=draw(seed, who, "gender_known") < 0.7,
        locale=language,
        country=first.country if first else house.country,
        zone=first.zone if first else house.zone,
        phone=first.phone if first else f"{house.mobile}{index % 100_000:05}",
        email=first.email if first else _mailbox(who, seed),
        media=media,
        preferred=preferred if draw(seed, who, "prefers") < 0.25 else None,
        consented=draw(seed, who, "consented") < 0.94,
        bills=_bills(house, who, seed, start, end),
    )


def _language(house: House, seed: int, who: str) -> str:
    point = draw(seed, who, "language")
    for language, share in house.languages:
        if point < share:
            return language
        point -= share
    return house.locale


def _mailbox(who: str, seed: int) -> str:
    """One in fifty is gone; the sandbox refuses those."""
    host = "gone.example" if draw(seed, who, "mailbox") < 0.02 else "mail.example"
    return f"{who.lower()}@{host}"


def _media(seed: int, who: str) -> tuple[str, ...]:
    point = draw(seed, who, "media")
    for media, share in (
        (("sms", "whatsapp", "email"), 0.56),
        (("sms", "whatsapp"), 0.14),
        (("sms", "email"), 0.13),
        (("email",), 0.09),
        (("sms",), 0.06),
    ):
        if point < share:
            return media
        point -= share
    return ()


def _bills(house: House, who: str, seed: int, start: date, end: date) -> tuple[Bill, ...]:
    """One a month. Of those due before the walk, only what this person left open is in the book."""
    habits = traits_of(seed, who).habits
    due_on = start - timedelta(days=OLDEST - int(draw(seed, who, "phase") * PERIOD))
    bills, count = [], 0
    while due_on <= end + timedelta(days=AHEAD):
        count += 1
        open_ = due_on > start or draw(seed, who, "owes", count) < habits.owes_already
        if open_:
            issued_on = due_on - timedelta(days=house.days_to_pay)
            minor = _amount(house, who, seed, count)
            bills.append(Bill(f"{who}-{count}", minor, issued_on, due_on))
        due_on += timedelta(days=PERIOD)
    return tuple(bills)


def _amount(house: House, who: str, seed: int, count: int) -> int:
    """Water is metered, with a long tail of leaks; fibre is a tariff and now and then an extra."""
    point, month = draw(seed, who, "use"), draw(seed, who, "month", count)
    if house is HAIFA:
        leak = 3.0 if month > 0.985 else 1.0
        return int((6_000 + 38_000 * point**2.2) * (0.8 + 0.4 * month) * leak)
    tariff = pick((1_490, 1_990, 2_490, 2_990, 3_990), seed, who, "tariff")
    return tariff + (int(month * 1_500) if month > 0.8 else 0)
