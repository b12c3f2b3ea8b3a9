"""Canonical JSON (RFC 8785) and the digests made of it: one text, one number, everywhere."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import rfc8785

from headway.kernel.errors import Invalid

SAFE_INTEGER = 2**53 - 1


def canonical_json(value: object) -> bytes:
    """Encode plain values (dict, list, str, int, float, bool, None) as RFC 8785 JSON; raises Invalid for others."""
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # its recursive alias does not accept object
    except (rfc8785.CanonicalizationError, ValueError, TypeError) as error:
        raise Invalid(f"cannot be written as canonical JSON: {error}") from error


def sha256(data: bytes) -> str:
    """Hash bytes; returns ``sha256-`` and 64 hex digits."""
    return "sha256-" + hashlib.sha256(data).hexdigest()


def digest(value: object) -> str:
    """Hash the canonical JSON of a plain value."""
    return sha256(canonical_json(value))


def file_digest(path: Path) -> str:
    """Hash a file without loading it whole."""
    with path.open("rb") as stream:
        return "sha256-" + hashlib.file_digest(stream, "sha256").hexdigest()


def finite(value: float) -> float | None:
    """Turn NaN and infinities into None, which JSON can hold."""
    return value if math.isfinite(value) else None
