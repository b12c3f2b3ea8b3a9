"""How much a property is tried: a quarter of its examples in ``make test``, all of them in ``make prove``."""

from __future__ import annotations

import os

IS_FULL = os.environ.get("HEADWAY_PROVE_DOSE") == "full"
_USUAL, _FEWEST = 100, 10  # the first is the number that hypothesis takes by itself


def examples(number: int = _USUAL) -> int:
    """The examples to try where ``number`` are the full dose."""
    return number if IS_FULL else min(number, max(_FEWEST, number // 4))
