"""The codes of risk facts in words for people: articles and annexes of the AI Act, in our own words and not legal advice."""

from __future__ import annotations

from collections.abc import Mapping

from headway.entrypoints.pages.navigation import N_

WORDS: Mapping[str, Mapping[str, str]] = {
    "prohibited_hits": {
        "5-1-a": N_("Art. 5(1)(a): manipulates people below their awareness, to their harm"),
        "5-1-b": N_("Art. 5(1)(b): exploits age, disability or need"),
        "5-1-c": N_("Art. 5(1)(c): scores people socially"),
        "5-1-d": N_("Art. 5(1)(d): predicts crimes from a person's profile alone"),
        "5-1-e": N_("Art. 5(1)(e): collects faces from the internet or cameras without aim"),
        "5-1-f": N_("Art. 5(1)(f): reads emotions at work or in education"),
        "5-1-g": N_("Art. 5(1)(g): infers sensitive traits from biometric data"),
        "5-1-ba": N_("Art. 5(1)(ba), as the amended Act has it"),
        "5-1-bb": N_("Art. 5(1)(bb), as the amended Act has it"),
        "5-1-h": N_("Art. 5(1)(h): identifies people from afar in public, for law enforcement"),
    },
    "annex_iii": {
        "1a": N_("1(a) identifies people from afar by biometric data"),
        "1b": N_("1(b) sorts people by sensitive biometric traits"),
        "1c": N_("1(c) recognises emotions"),
        "2": N_("2 safety of critical infrastructure"),
        "3a": N_("3(a) admission to education"),
        "3b": N_("3(b) judges what somebody learnt"),
        "3c": N_("3(c) decides on the level of education"),
        "3d": N_("3(d) watches over tests"),
        "4a": N_("4(a) hiring: adverts, screening, selection"),
        "4b": N_("4(b) work: terms, promotion, dismissal, tasks, performance"),
        "5a": N_("5(a) public benefits and services"),
        "5b": N_("5(b) credit score or creditworthiness"),
        "5c": N_("5(c) risk and price of life and health insurance"),
        "5d": N_("5(d) emergency calls and dispatch"),
        "6": N_("6 law enforcement"),
        "7": N_("7 migration, asylum, borders"),
        "8a": N_("8(a) courts"),
        "8b": N_("8(b) elections"),
    },
}


def word(fact: str, value: str) -> str:
    """A value of a fact in words, in English; the value itself where there are none."""
    return WORDS.get(fact, {}).get(value) or value.replace("_", " ")
