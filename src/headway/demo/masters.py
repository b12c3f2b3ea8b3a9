"""The four kinds of master records and what they are made of."""

from __future__ import annotations

from typing import Final

import numpy as np

from headway.demo import wordlists as words
from headway.demo.frames import Array
from headway.demo.mistakes import Mistake
from headway.demo.records import Field, Identities, Master

TYPED: Final[tuple[Mistake, ...]] = ("swapped", "lost", "capitals", "missing")
NAMED: Final[tuple[Mistake, ...]] = ("swapped", "lost", "capitals")
FORMED: Final[tuple[Mistake, ...]] = (*NAMED, "shortened")
PLAIN: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ş": "s", "ı": "i"}


def _joined(*parts: Array | str) -> Array:
    whole: Array = np.asarray(parts[0])
    for part in parts[1:]:
        whole = np.strings.add(whole, np.asarray(part, dtype=np.str_))
    return whole


def _language(who: Identities) -> str:
    return who.place.region.language


def _first(who: Identities) -> Array:
    return who.pick("first name", words.FIRST[_language(who)])


def _last(who: Identities) -> Array:
    return who.pick("last name", words.LAST[_language(who)])


def _company(who: Identities) -> Array:
    language = _language(who)
    owner, trade = who.pick("owner", words.LAST[language]), who.pick("trade", words.TRADES[language])
    return _joined(owner, " ", trade, who.pick("form", words.FORMS[language]))


def _mail(who: Identities) -> Array:
    return _plain(_joined(_first(who), ".", _last(who), who.digits("mail", 4), "@example.com"))


def _company_mail(who: Identities) -> Array:
    return _plain(
        _joined("info@", who.pick("owner", words.LAST[_language(who)]), who.digits("mail", 4), ".example.com")
    )


def _plain(texts: Array) -> Array:
    texts = np.strings.lower(texts)
    for letter, plain in PLAIN.items():
        texts = np.strings.replace(texts, letter, plain)
    return texts


def _phone(who: Identities) -> Array:
    return _joined(words.DIALLING[_language(who)], who.digits("phone", 6))


def _street(who: Identities) -> Array:
    house = (1 + who.chance("house") * 180).astype(np.int64).astype(np.str_)
    street = who.pick("street", words.STREETS[_language(who)])
    return _joined(house, " ", street) if _language(who) == "en" else _joined(street, " ", house)


def _born(who: Identities) -> Array:
    days = (who.chance("born") * 16_000).astype(np.int64)  # between 1960 and 2003
    return (np.datetime64("1960-01-01") + days).astype(np.str_)


def _iban(who: Identities) -> Array:
    """Shaped like an IBAN of 22 places; the check digits are 00, which no bank gives out."""
    return _joined(words.COUNTRY[_language(who)], "00", who.digits("bank", 9), who.digits("account", 9))


def _salary(who: Identities) -> Array:
    return np.asarray(28_000 * np.exp(0.35 + 0.3 * _normal(who.chance("salary 1"), who.chance("salary 2"))))


def _price(who: Identities) -> Array:
    return np.asarray(25 * np.exp(1.0 * _normal(who.chance("price 1"), who.chance("price 2"))))


def _normal(one: Array, other: Array) -> Array:
    """Standard normal deviates of two uniform numbers each (Box and Muller 1958)."""
    return np.asarray(np.sqrt(-2 * np.log(1 - one)) * np.cos(2 * np.pi * other))


ADDRESS: Final = (
    Field(name="street", make=_street, mistakes=("swapped", "shortened", "missing")),
    Field(name="postcode", make=lambda who: who.digits("postcode", 5), mistakes=("swapped", "missing")),
    Field(name="city", make=lambda who: who.pick("city", words.CITIES[_language(who)]), mistakes=TYPED),
    Field(name="country", make=lambda who: np.full(len(who.numbers), words.COUNTRY[_language(who)])),
)
PHONE: Final = Field(name="phone", make=_phone, mistakes=("swapped", "lost", "missing"))
TAX: Final = Field(name="tax_number", make=lambda who: who.digits("tax", 11), mistakes=("swapped", "lost", "missing"))

CUSTOMERS: Final = Master(
    "customers",
    "customer_id",
    "C",
    (
        Field(name="company", make=_company, mistakes=FORMED),
        Field(name="contact", make=lambda who: _joined(_first(who), " ", _last(who)), mistakes=TYPED),
        Field(name="email", make=_mail, mistakes=TYPED),
        PHONE,
        *ADDRESS,
        TAX,
    ),
)
VENDORS: Final = Master(
    "vendors",
    "vendor_id",
    "V",
    (
        Field(name="company", make=_company, mistakes=FORMED),
        Field(name="email", make=_company_mail, mistakes=TYPED),
        *ADDRESS,
        TAX,
        Field(name="iban", make=_iban, mistakes=("swapped", "missing")),
    ),
)
EMPLOYEES: Final = Master(
    "employees",
    "employee_id",
    "P",
    (
        Field(name="first_name", make=_first, mistakes=NAMED),
        Field(name="last_name", make=_last, mistakes=NAMED),
        Field(name="born", make=_born, mistakes=("missing",)),
        Field(name="email", make=_mail, mistakes=TYPED),
        PHONE,
        Field(name="job", make=lambda who: who.pick("job", words.JOBS), mistakes=("capitals", "missing")),
        Field(name="salary", make=_salary, decimals=0),
    ),
)
PRODUCTS: Final = Master(
    "products",
    "product_id",
    "A",
    (
        Field(
            name="name",
            make=lambda who: _joined(
                who.pick("product", words.PRODUCTS), " ", who.pick("make", words.MAKES), " ", who.digits("model", 3)
            ),
            mistakes=NAMED,
        ),
        Field(
            name="category", make=lambda who: who.pick("category", words.CATEGORIES), mistakes=("capitals", "missing")
        ),
        Field(name="article_number", make=lambda who: who.digits("article", 13), mistakes=("swapped", "missing")),
        Field(name="list_price", make=_price, decimals=2),
    ),
)
