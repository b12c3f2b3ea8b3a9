"""A saved view leads to a page of this system and never anywhere else."""

from __future__ import annotations

import pytest

from headway.collaboration.paths import page_faults, query_faults


@pytest.mark.parametrize("page", ["/", "/usecases", "/usecases/", "/models/lead-scoring/versions/3", "/a%20b"])
def test_paths_of_pages_are_taken(page: str) -> None:
    assert page_faults(page) == []


@pytest.mark.parametrize(
    "page",
    [
        "", "usecases", "//evil.example", "/\\evil.example", "https://evil.example", "/a/../b", "/%2e%2e/b", "/a//b",
        "/a?b", "/a#b", "/a b", "/a\nb", "javascript:alert(1)", "/" + "a" * 300, "/.", "/%2f%2fevil.example",
    ],
)  # fmt: skip
def test_ways_to_elsewhere_are_refused(page: str) -> None:
    assert [fault.rule for fault in page_faults(page)] == ["view.page"]


@pytest.mark.parametrize("query", ["", "a=b", "department=sales&sort=-updated_at", "q=M%C3%BCller+%26+Co", "tag[]=1"])
def test_query_strings_are_taken(query: str) -> None:
    assert query_faults(query) == []


@pytest.mark.parametrize("query", ["?a=b", "a=b#c", "a=<script>", 'a="b"', "a b", "a=\n", "x" * 5000, "a=ü"])
def test_what_is_no_query_string_is_refused(query: str) -> None:
    assert [fault.rule for fault in query_faults(query)] == ["view.query"]
