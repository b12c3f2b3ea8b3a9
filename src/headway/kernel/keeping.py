"""Results of costly reading, kept in memory for as long as what they were read from stays as it is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """At most ``size`` results by key, those asked for last; of several who ask at once for one key a single one makes it.

    The key must name everything that the result depends on, the version of what is read before all. A result is
    handed out again and again: nobody may change it. What failed is not kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of this key, made now if it is not kept."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._found:
                    return self._found[key]
            try:
                made = make()
                with self._lock:
                    self._found[key] = made
                    while len(self._found) > self._size:
                        self._found.popitem(last=False)
                return made
            finally:
                with self._lock:
                    self._making.pop(key, None)
