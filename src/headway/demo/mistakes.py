"""What people do to texts when they type them: letters swapped or lost, capitals, short forms, nothing at all."""

from __future__ import annotations

from typing import Literal

import numpy as np

from headway.demo.frames import Array, Floats

Mistake = Literal["swapped", "lost", "capitals", "shortened", "missing"]
SHORT = {"straße": "str.", " Street": " St", " Road": " Rd", " Avenue": " Ave", " GmbH": "", " Ltd": "", " AG": ""}


def make(mistake: Mistake, texts: Array, chance: Floats) -> Array:
    """Make a mistake in each text; some texts stay as they were, when there is nothing to swap or shorten.

    Args: chance: shape (n,), uniform on 0 to 1: where in the text.
    """
    if not len(texts):
        return texts
    match mistake:
        case "swapped":
            return _swapped(texts, chance)
        case "lost":
            return _lost(texts, chance)
        case "capitals":
            return np.asarray(np.strings.upper(wider(texts)))  # ß becomes SS
        case "shortened":
            for long, short in SHORT.items():
                texts = np.strings.replace(texts, long, short)
            return texts
        case "missing":
            return np.zeros(len(texts), dtype="U1")


def wider(texts: Array) -> Array:
    """The same texts with room for longer ones: an array of texts cuts off what does not fit."""
    return texts.astype(f"U{max(1, texts.dtype.itemsize // 2)}")


def _letters(texts: Array) -> Array:
    """The letters as code points, shape (n, width), 0 behind the end."""
    wide = texts.astype(f"U{max(2, texts.dtype.itemsize // 4)}")
    return wide.view(np.uint32).reshape(len(wide), -1).copy()


def _texts(letters: Array) -> Array:
    width = letters.shape[1]
    return np.ascontiguousarray(letters).view(f"U{width}").reshape(-1)


def _places(texts: Array, chance: Floats, behind: int) -> Array:
    """A place in each text, past its first letter where that is possible; people rarely miss the first one."""
    room = np.maximum(np.strings.str_len(texts) - 1 - behind, 1)
    return np.asarray(1 + np.minimum((chance * room).astype(np.int64), room - 1))


def _swapped(texts: Array, chance: Floats) -> Array:
    enough = np.strings.str_len(texts) >= 3
    letters, rows = _letters(texts), np.arange(len(texts))
    at = np.where(enough, _places(texts, chance, 1), 0)
    after = np.where(enough, at + 1, 0)
    letters[rows, at], letters[rows, after] = letters[rows, after], letters[rows, at].copy()
    return _texts(letters)


def _lost(texts: Array, chance: Floats) -> Array:
    letters = _letters(texts)
    at = _places(texts, chance, 0)[:, None]
    column = np.arange(letters.shape[1])[None, :]
    moved = np.concatenate([letters[:, 1:], np.zeros((len(letters), 1), dtype=letters.dtype)], axis=1)
    short = (np.strings.str_len(texts) < 2)[:, None]
    return _texts(np.where((column >= at) & ~short, moved, letters))
