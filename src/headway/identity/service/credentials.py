"""Secrets and one-time codes: how they are made, and the hash that alone is stored."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PREFIX, _SECRET = 8, 40


def new_secret(start: str) -> tuple[str, str]:
    """Make a secret of 200 random bits; returns the part that may be shown again, and the whole."""
    prefix = start + "".join(secrets.choice(_ALPHABET) for _ in range(_PREFIX))
    return prefix, f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET))


def token_hash(secret: str) -> str:
    """Hash a token as it is stored and as nodes look it up: over the whole text that callers send."""
    return "sha256-" + hashlib.sha256(secret.encode()).hexdigest()


def new_code() -> str:
    """Make a one-time code of 100 random bits, in groups that can be read aloud."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(20))
    return "-".join(letters[at : at + 5] for at in range(0, 20, 5))


def code_hash(code: str) -> str:
    """Hash a one-time code; hyphens, spaces and capitals do not matter."""
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return "sha256-" + hashlib.sha256(plain.encode()).hexdigest()
