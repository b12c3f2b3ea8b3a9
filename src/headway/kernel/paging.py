"""Lists in pages: the items, and the cursor that brings the next ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items, and the cursor of the next page; None when this is the last."""

    items: tuple[T, ...]
    next: str | None
