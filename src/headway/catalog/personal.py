"""Personal data in columns: told by the column's name and by its values, checked by their check digits.

Regular expressions find candidates, python-stdnum and phonenumbers confirm them. A name alone is enough where it is
plain (``email``, ``birth_date``); values alone are enough where most of them pass a validator.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import phonenumbers
from stdnum import iban, luhn
from stdnum.de import idnr
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.gb import nhs
from stdnum.us import ssn

Classification = Literal["restricted", "confidential", "internal"]
VALUES_LOOKED_AT: Final = 1_000
_MOST: Final = 0.6  # share of distinct values that must be of a kind which has a shape of its own
_NEARLY_ALL: Final = 0.9  # the same for bare digits, one in ten of which passes a check digit by chance
_FEWEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What kind of personal data a column holds, and how that was told."""

    kind: str
    classification: Classification
    special: bool  # a special category of GDPR article 9
    told_by: Literal["name", "values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    name: str
    classification: Classification
    words: str  # pattern over the words of the column's name, joined by one space
    special: bool = False


_KINDS: Final = (
    _Kind(name="email", classification="restricted", words=r"\be ?mails?\b|\bemail address\b"),
    _Kind(
        name="phone",
        classification="restricted",
        words=r"\b(phone|mobile|fax|msisdn|cell ?phone|telephone (no|nr|number))\b|\bphone ?number\b|\btel(efon)?(nummer)?\b",
    ),
    _Kind(name="iban", classification="restricted", words=r"\biban\b|\b(bank )?account (no|nr|number)\b"),
    _Kind(
        name="payment-card",
        classification="restricted",
        words=r"\b(credit|debit|payment) ?card( no| nr| number)?\b|\bcard (no|nr|number)\b|\bpan\b",
    ),
    _Kind(
        name="national-id",
        classification="restricted",
        words=r"\bssn\b|\bsocial security\b|\bnational (id|insurance)\b|\bnino\b|\bnhs (no|nr|number)\b|\bpersonal (id|number|code)\b",
    ),
    _Kind(
        name="passport",
        classification="restricted",
        words=r"\bpassport\b|\bdriv(er|ing) ?s? licen[cs]e\b|\bidentity card\b",
    ),
    _Kind(name="tax-id", classification="restricted", words=r"\b(tax|vat) (id|no|nr|number)\b|\bsteuer ?(id|nummer)\b"),
    _Kind(
        name="person-name",
        classification="restricted",
        words=r"\b(first|last|middle|given|family|full|maiden|sur|fore) ?name\b|"
        r"\b(customer|employee|person|patient|contact|applicant|client|member|user) name\b",
    ),
    _Kind(
        name="birth-date",
        classification="restricted",
        words=r"\bdob\b|\bbirth ?(day|date)?\b|\bdate of birth\b|\bborn\b",
    ),
    _Kind(
        name="address",
        classification="confidential",
        words=r"\bstreet( (no|nr|name))?\b|\b(home|street|postal|mailing|residential) address\b|"
        r"^address( line)?( ?\d)?$|\baddress ?(line|\d)\b",
    ),
    _Kind(
        name="post-code",
        classification="confidential",
        words=r"\b(zip|postal|post) ?code\b|\bzip\b|\bpostcode\b|\bplz\b",
    ),
    _Kind(name="ip-address", classification="confidential", words=r"\bip( address| addr)?\b|\bipv[46]\b"),
    _Kind(name="gender", classification="confidential", words=r"\b(gender|sex)\b"),
    _Kind(name="age", classification="confidential", words=r"\bage\b|\bage in years\b"),
    _Kind(name="marital-status", classification="confidential", words=r"\bmarital\b|\bmarriage\b|\bcivil status\b"),
    _Kind(
        name="nationality",
        classification="confidential",
        words=r"\bnationality\b|\bcitizenship\b|\bforeign worker\b|\bcountry of birth\b|\bnative country\b",
    ),
    _Kind(name="ethnicity", classification="restricted", words=r"\b(ethnicity|ethnic|race|racial)\b", special=True),
    _Kind(name="religion", classification="restricted", words=r"\b(religion|religious|faith|church)\b", special=True),
    _Kind(
        name="health",
        classification="restricted",
        words=r"\b(diagnos[ie]s|disabilit(y|ies)|disabled|disease|medication|pregnan(t|cy)|blood (type|group))\b",
        special=True,
    ),
    _Kind(
        name="politics-or-union",
        classification="restricted",
        words=r"\bpolitical\b|\b(trade )?union (member|membership)\b",
        special=True,
    ),
    _Kind(name="sexual-orientation", classification="restricted", words=r"\bsexual orientation\b", special=True),
)
_BY_NAME: Final = {kind.name: kind for kind in _KINDS}
_NUMERIC_NAMES: Final = {"age", "payment-card", "phone", "national-id", "tax-id", "post-code", "birth-date", "gender"}
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT: Final = re.compile(r"[^A-Za-z0-9]+")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}")
_IP: Final = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}")
_PHONE: Final = re.compile(r"(\+|00)[1-9][\d ()/.-]{6,20}")
_CARD: Final = re.compile(r"\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}")


def words_of(name: str) -> str:
    """Split a column's name into lower-case words: ``customerEMail_addr`` gives ``customer e mail addr``."""
    return " ".join(_SPLIT.sub(" ", _CAMEL.sub(" ", name)).lower().split())


def by_name(name: str, *, is_text: bool) -> PersonalData | None:
    """Tell personal data by a column's name; columns that are not text are told for few kinds only."""
    words = words_of(name)
    for kind in _KINDS:
        if re.search(kind.words, words) and (is_text or kind.name in _NUMERIC_NAMES):
            return _found(kind.name, "name")
    return None


def by_values(values: Sequence[str]) -> PersonalData | None:
    """Tell personal data by the distinct values of a column; at most VALUES_LOOKED_AT are looked at."""
    looked = [value.strip() for value in values[:VALUES_LOOKED_AT]]
    if len(looked) < _FEWEST:
        return None
    for name, test, share in _TESTS:
        if _holds(looked, test, share):
            return _found(name, "values")
    return None


def detect(name: str, values: Iterable[object], *, is_text: bool) -> PersonalData | None:
    """Tell personal data by values where a validator confirms them, else by name."""
    told = by_values([str(value) for value in values]) if is_text else None
    return told or by_name(name, is_text=is_text)


def _holds(values: Sequence[str], test: Callable[[str], bool], share: float) -> bool:
    """Whether a share of the values passes; stops as soon as that cannot happen any more."""
    allowed = int((1 - share) * len(values))
    missed = 0
    for value in values:
        missed += not test(value)
        if missed > allowed:
            return False
    return True


def _found(name: str, told_by: Literal["name", "values"]) -> PersonalData:
    kind = _BY_NAME[name]
    return PersonalData(kind=name, classification=kind.classification, special=kind.special, told_by=told_by)


def _is_email(value: str) -> bool:
    return len(value) <= 320 and _EMAIL.fullmatch(value) is not None


def _is_ip(value: str) -> bool:
    if not _IP.fullmatch(value):
        return False
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _is_phone(value: str) -> bool:
    if not _PHONE.fullmatch(value):
        return False
    try:
        number = phonenumbers.parse("+" + value[2:] if value.startswith("00") else value, None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_valid_number(number))


def _is_card(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    return (
        bool(_CARD.fullmatch(value)) and 13 <= len(digits) <= 19 and digits[0] in "3456" and bool(luhn.is_valid(digits))
    )


def _is_ssn(value: str) -> bool:
    return re.fullmatch(r"\d{3}-\d{2}-\d{4}", value) is not None and bool(ssn.is_valid(value))


def _is_vat(value: str) -> bool:
    if not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{8,12}", value):
        return False
    try:
        return bool(vat.is_valid(value))
    except (ValidationError, ValueError, LookupError):
        return False


def _is_iban(value: str) -> bool:
    return re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9 ]{11,36}", value) is not None and bool(iban.is_valid(value))


def _is_nhs(value: str) -> bool:
    return re.fullmatch(r"\d{3} \d{3} \d{4}", value) is not None and bool(nhs.is_valid(value))


def _is_german_tax_id(value: str) -> bool:
    return re.fullmatch(r"\d{11}", value) is not None and bool(idnr.is_valid(value))


_TESTS: Final[tuple[tuple[str, Callable[[str], bool], float], ...]] = (
    ("email", _is_email, _MOST),
    ("iban", _is_iban, _MOST),
    ("phone", _is_phone, _MOST),
    ("ip-address", _is_ip, _MOST),
    ("national-id", _is_ssn, _MOST),
    ("national-id", _is_nhs, _MOST),
    ("tax-id", _is_vat, _MOST),
    ("payment-card", _is_card, _NEARLY_ALL),
    ("tax-id", _is_german_tax_id, _NEARLY_ALL),
)


def mask(value: str) -> str:
    """Hide a value and keep its shape: letters become a or A, digits 9, all else stays.

    >>> mask("Ann.Lee@example.org")
    'Aaa.Aaa@aaaaaaa.aaa'
    """
    return "".join("9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c for c in value)
