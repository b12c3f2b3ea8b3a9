"""What a password and a mail address must look like."""

from __future__ import annotations

import re
import unicodedata

from headway.identity.errors import WeakPassword
from headway.identity.guessable import is_guessable
from headway.kernel.errors import Invalid

SHORTEST, LONGEST = 12, 256
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_FEW = 5


def check_strength(password: str, *about: str) -> None:
    """Refuse a password that is short, one thing over and over, often used, or made of the person's name.

    Raises: WeakPassword.

    Source: NIST SP 800-63B, section 5.1.1.2: length counts, rules on kinds of characters do not.
    """
    text = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise WeakPassword(f"a password has {SHORTEST} to {LONGEST} characters", hint="four unrelated words are good")
    if len(set(text.lower())) < _FEW:
        raise WeakPassword("the password repeats too few characters", hint="four unrelated words are good")
    if is_guessable(text):
        raise WeakPassword("the password is one that is guessed first", hint="four unrelated words are good")
    words = {word for part in about for word in re.split(r"[\W_]+", part.lower()) if len(word) >= 4}
    left = text.lower()
    for word in words:
        left = left.replace(word, "")
    if len(left) < SHORTEST // 2:
        raise WeakPassword("the password is little more than your name", hint="four unrelated words are good")


def normal_email(email: str) -> str:
    """Write a mail address in the form it is compared in; raises Invalid."""
    plain = unicodedata.normalize("NFKC", email).strip().lower()
    if not _EMAIL.fullmatch(plain) or len(plain) > 254:
        raise Invalid(f"{email!r} is not a mail address")
    return plain
