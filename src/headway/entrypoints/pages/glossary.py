"""Words of the field that pages explain where they come first: each as ``docs/reference/glossary.md`` explains it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from headway.entrypoints.pages.navigation import N_

MEANINGS: Final[Mapping[str, str]] = {
    "arm": N_(
        "one of the ways a deployment treats a subject: champion (the release decides) or hold-out (the default action, "
        "so that value can be measured)"
    ),
    "band": N_("a named range of the score with one recommended action"),
    "break-glass": N_(
        "in an emergency, one exact subject let into an environment although its gate blocks: asked for by one person, confirmed "
        "by another, over after three days, within which a third person reviews it"
    ),
    "bundle": N_("the immutable, content-addressed set of files a node serves: release.json, model, contract, card"),
    "checkpoint": N_("the ledger's signed size and root at a time (C2SP tlog-checkpoint, signed note)"),
    "contract": N_("what a data product promises, in the Open Data Contract Standard (ODCS v3)"),
    "control": N_("one rule of a policy pack over evidence, with its source, dates and how strictly it is enforced"),
    "dossier": N_(
        "a document drawn from records at one moment and kept as it was: every statement names its record, every gap is listed"
    ),
    "evidence": N_(
        "a fact about one subject digest, with the job or person that produced it; what a person typed never satisfies a "
        "type that only a job may write"
    ),
    "gate": N_("the check that turns evidence and packs into a verdict"),
    "legal tier": N_(
        "prohibited, high, transparency or minimal, decided by ordered rules with a trace and a named decider; never a score"
    ),
    "operate gate": N_(
        "the gate that asks everything at work again, every few minutes and at news, and suspends what loses a control for "
        "longer than its days of grace"
    ),
    "quality score": N_("the share of rows, 0 to 1, that break no rule of the contract"),
    "verdict": N_("the gate's signed answer for one subject digest and one environment (DSSE envelope, Ed25519)"),
    "mandate": N_(
        "what a sponsor gives a programme and signs: money and people for a purpose, until a day; while none is in force the "
        "programme's departments take nothing new in"
    ),
    "waiver": N_(
        "one control excused for one use case in one environment for at most 30 days, with something else done instead, granted by "
        "another person above those who approve; the gate warns, and what rests on it ends with it"
    ),
}
