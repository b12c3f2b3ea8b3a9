"""Words in column names that speak of what is known only after the outcome, in English and German.

A name is cut into words (``closeDate``, ``close_date`` and ``close date`` alike). A word from the list counts unless a
word for *earlier* stands beside it: ``previous_outcome`` is history, ``outcome`` is the answer itself.
"""

from __future__ import annotations

import itertools
import re

_CUT = re.compile(r"[A-ZÄÖÜ]+(?![a-zäöüß])|[A-ZÄÖÜ]?[a-zäöüß]+|\d+")

_ENGLISH = """
    outcome result closed closing closure won lost converted conversion signed cancelled canceled cancellation churned
    churn resolved resolution settled settlement refunded refund chargeback recovered recovery terminated termination
    exited exit resigned resignation dismissed rejected approved disposition final writeoff defaulted repaid payout
"""
_GERMAN = """
    ergebnis ausgang abschluss abgeschlossen gewonnen verloren unterschrieben gekuendigt gekündigt kuendigung kündigung
    storniert storno stornierung erledigt geloest gelöst erstattet erstattung rueckbuchung rückbuchung ausgetreten
    austritt entlassen abgelehnt genehmigt bewilligt beendet endgueltig endgültig ausgefallen zurueckgezahlt
"""
_EARLIER = """
    previous prior past last earlier former history historical before old prev
    frühere fruehere frueher früher vorige voriger voriges vorherige vorheriger vorheriges letzte letzter letztes
    bisherige bisheriger vor alt
"""
AFTER = frozenset(_ENGLISH.split()) | frozenset(_GERMAN.split())
"""Single words."""

AFTER_PAIRS = frozenset(
    {
        ("call", "duration"),
        ("call", "seconds"),
        ("talk", "time"),
        ("end", "date"),
        ("exit", "date"),
        ("last", "status"),
        ("final", "status"),
        ("paid", "at"),
        ("paid", "date"),
        ("days", "to"),
        ("time", "to"),
        ("lost", "reason"),
        ("leaving", "reason"),
        ("gespräch", "dauer"),
        ("gespraechs", "dauer"),
        ("gesprächs", "dauer"),
        ("anruf", "dauer"),
        ("end", "datum"),
        ("bezahlt", "am"),
        ("grund", "verlust"),
    }
)
"""Two words side by side."""

AFTER_JOINED = frozenset(
    {"callduration", "gesprächsdauer", "gespraechsdauer", "anrufdauer", "enddatum", "writeoff", "chargeback"}
)
"""Compounds written as one word."""

BEFORE = frozenset(_EARLIER.split())
"""Words that turn the meaning into history; ``last status`` is the exception in the list of pairs."""


def words(name: str) -> tuple[str, ...]:
    """Cut a column name into lower-case words."""
    return tuple(word.lower() for word in _CUT.findall(name))


def speaks_of_after(name: str) -> str | None:
    """Find the word (or pair) in a column name that speaks of after the outcome, or None."""
    parts = words(name)
    for pair in itertools.pairwise(parts):
        if pair in AFTER_PAIRS:
            return " ".join(pair)
    for at, part in enumerate(parts):
        if part in AFTER_JOINED:
            return part
        if part in AFTER and not (at and parts[at - 1] in BEFORE):
            return part
    return None
