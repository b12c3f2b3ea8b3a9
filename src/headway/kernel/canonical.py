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
        return _dumps(value)
    except rfc8785.IntegerDomainError:
        return _dumps(_as_doubles(value))


def _dumps(value: object) -> bytes:
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # its recursive alias does not accept object
    except rfc8785.IntegerDomainError:
        raise
    except (rfc8785.CanonicalizationError, ValueError, TypeError) as error:
        raise Invalid(f"cannot be written as canonical JSON: {error}") from error


def _as_doubles(value: object) -> object:
    """Turn integers that are the text of a double back into it: 1e17 is written without a point, and read as int."""
    if isinstance(value, dict):
        return {key: _as_doubles(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_doubles(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE_INTEGER:
        try:
            double = float(value)
            if _dumps(double) == str(value).encode():
                return double
        except OverflowError:
            pass
        raise Invalid(
            f"cannot be written as canonical JSON: {value} is more exact than a JSON number", hint="send it as text"
        )
    return value


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
