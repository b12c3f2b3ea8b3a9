"""Results that are kept while what they were read from stays as it is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from headway.kernel.keeping import Kept


def test_a_kept_result_is_made_once_and_a_new_version_anew() -> None:
    kept: Kept[int] = Kept(4)
    made: list[str] = []

    def make(name: str) -> int:
        made.append(name)
        return len(made)

    assert [kept.get(("leads", 1), lambda: make("first")) for _ in range(3)] == [1, 1, 1]
    assert kept.get(("leads", 2), lambda: make("second")) == 2
    assert made == ["first", "second"]


def test_what_was_asked_for_longest_ago_is_let_go_first() -> None:
    kept: Kept[str] = Kept(2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda key=key: key)  # type: ignore[misc]
    made: list[str] = []
    for key in ("a", "c", "b"):
        kept.get(key, lambda key=key: made.append(key) or key)  # type: ignore[misc,func-returns-value]
    assert made == ["b"]


def test_those_who_ask_at_once_wait_for_one_making() -> None:
    kept: Kept[int] = Kept(4)
    started, go, made = threading.Event(), threading.Event(), []

    def make() -> int:
        started.set()
        assert go.wait(10)
        made.append(1)
        return 7

    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(kept.get, "one", make) for _ in range(6)]
        assert started.wait(10)
        assert kept.get("other", lambda: 3) == 3  # another key does not wait
        go.set()
        assert [one.result(10) for one in asked] == [7] * 6
    assert made == [1]


def test_a_failure_is_not_kept() -> None:
    kept: Kept[int] = Kept(4)

    def fail() -> int:
        raise OSError("no such file")

    with pytest.raises(OSError):
        kept.get("one", fail)
    assert kept.get("one", lambda: 5) == 5
