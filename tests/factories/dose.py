"""How much is tried: a quarter of a property's examples in ``make test`` (an eighth in CI), all of them in ``make prove``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

IS_FULL = os.environ.get("HEADWAY_PROVE_DOSE") == "full"
_PART = 8 if os.environ.get("CI") else 4
_USUAL, _FEWEST = 100, 10  # the first is the number that hypothesis takes by itself


def examples(number: int = _USUAL) -> int:
    """The examples to try where ``number`` are the full dose."""
    return number if IS_FULL else min(number, max(_FEWEST, number // _PART))


F = TypeVar("F", bound=Callable[..., Any])


def whole(test: F) -> F:
    """Mark a test that runs in the full dose of ``make prove`` alone, because it takes a minute and more."""
    made: F = pytest.mark.prove(pytest.mark.skipif(not IS_FULL, reason="runs in the full dose of make prove")(test))
    return made
