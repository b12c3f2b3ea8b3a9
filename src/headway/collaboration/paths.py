"""Addresses inside Headway: the path of a page and its query string, never a way to somewhere else."""

from __future__ import annotations

import re

from headway.kernel.errors import Fault

MAX_PAGE = 200
MAX_QUERY = 4000
_PAGE = re.compile(r"(?:/[A-Za-z0-9._~%+@:-]+)+/?|/")
_QUERY = re.compile(r"[A-Za-z0-9._~%+@:;=&,!*'()$/?\[\]-]*")


def page_faults(page: str) -> list[Fault]:
    """Find what is wrong with the path of a page: it starts with one slash and names neither host nor parent folder."""
    parts = page.lower().replace("%2e", ".").replace("%2f", "/").split("/")
    if len(page) > MAX_PAGE or not _PAGE.fullmatch(page) or {"..", "."} & set(parts) or "" in parts[1:-1]:
        told = f"{page[:80]!r} is no path of a page: it starts with one slash, as /usecases"
        return [Fault(rule="view.page", column="page", value=page[:200], message=told)]
    return []


def query_faults(query: str) -> list[Fault]:
    """Find what is wrong with a query string: percent-encoded, without question mark in front and without fragment."""
    if len(query) > MAX_QUERY or query.startswith("?") or not _QUERY.fullmatch(query):
        told = "query is no query string: write name=value pairs, percent-encoded, without ? and #"
        return [Fault(rule="view.query", column="query", value=query[:200], message=told)]
    return []
