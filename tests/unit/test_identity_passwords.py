"""Passwords, mail addresses, token and code forms."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from headway.identity.adapters import check_password, hash_password, hashing
from headway.identity.errors import WeakPassword
from headway.identity.passwords import check_strength, normal_email
from headway.identity.service.credentials import code_hash, new_code, token_hash
from headway.kernel.errors import Invalid


@pytest.mark.parametrize("password", ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab", "x" * 300])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_strength(password)


def test_a_password_made_of_the_name_is_refused() -> None:
    with pytest.raises(WeakPassword, match="your name"):
        check_strength("ada.lovelace1", "Ada Lovelace", "ada.lovelace@example.org")


@pytest.mark.parametrize("password", ["correct horse battery", "Zürich-Regen-1842", "ada likes old looms"])
def test_long_passwords_pass_without_rules_on_characters(password: str) -> None:
    check_strength(password, "Ada Lovelace", "ada@example.org")
    assert check_password(hash_password(password), password)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd2024!!",
        "Passwort!2025",
        "qwertzuiop123",
        "qwertyuiop[]",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "123456789012",
        "987654321098",
        "abcdefghijklm",
        "iloveyou1234",
        "Administrator1",
        "Welcome2024!!",
        "Sommer2025!!!",
        "letmeinletmein",
        "changemechangeme",
        "hellohello123",
        "abc123abc123",
        "trustno1trustno1",
        "S3cr3tP4ssw0rd",
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword, match=r"guessed first|too few"):
        check_strength(password)


@pytest.mark.parametrize(
    "password",
    [
        "summer rain on old tin",
        "k9#Vb2!xQw8Z",
        "mein hund frisst gras",
        "tractor-violet-99",
        "passionate gardeners",
        "2024 lamps by the sea",
    ],
)
def test_passwords_that_only_touch_a_common_word_pass(password: str) -> None:
    check_strength(password)
    assert check_password(hash_password(password), password)


def test_only_the_right_password_fits_its_hash() -> None:
    made = hash_password("correct horse battery")
    assert made.startswith("$argon2id$")
    assert check_password(made, "correct horse battery")
    assert not check_password(made, "correct horse batterz")
    assert not check_password(None, "nobody has this password")
    assert not check_password("not a hash", "correct horse battery")


def test_mail_addresses_are_compared_in_one_form() -> None:
    assert normal_email("  Ada@Example.ORG ") == "ada@example.org"
    for wrong in ("ada", "ada@", "@x", "a da@x", "a@b@c"):
        with pytest.raises(Invalid):
            normal_email(wrong)


def test_codes_differ_and_read_alike_however_they_are_typed() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50
    code = codes.pop()
    assert len(code.replace("-", "")) == 20
    assert code_hash(code) == code_hash(f" {code.upper().replace('-', ' ')} ")


def test_a_token_is_hashed_over_its_whole_text() -> None:
    # printf %s hwy_abc_def | sha256sum
    assert token_hash("hwy_abc_def") == "sha256-d73aac35fa33f5dbd3b57afbda124d6fca67bc99febce9232d2c7263e67857d4"


def test_passwords_are_hashed_at_the_cost_that_owasp_names() -> None:
    hasher = PasswordHasher(time_cost=hashing.TIME_COST, memory_cost=hashing.MEMORY_COST, parallelism=hashing.LANES)
    assert "$m=19456,t=2,p=1$" in hasher.hash("a pass phrase")
