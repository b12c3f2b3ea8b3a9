"""Which proof closes which control: the crosswalk over packs, and how far each pack is shown for one subject. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from headway.governance import gates, rules
from headway.governance.entities import Control, CoverageControl, CrosswalkRow, EvidenceType, Pack, PackCoverage, Status

if TYPE_CHECKING:
    import cel

BEGUN = (Status.passed, Status.failed, Status.indeterminate, Status.waived)


def crosswalk(packs: Iterable[Pack]) -> tuple[CrosswalkRow, ...]:
    """List every kind of evidence with the controls that ask for it; what closes most packs, then most controls, first."""
    rows: dict[str, dict[str, list[str]]] = {}
    kinds: dict[str, EvidenceType] = {}
    for pack in packs:
        kinds |= {kind.name: kind for kind in pack.evidence_types}
        for control in pack.controls:
            for name in control.evidence:
                rows.setdefault(name, {}).setdefault(pack.id, []).append(control.id)
    made = [
        CrosswalkRow(
            evidence=name,
            title=kinds[name].title,
            producer=kinds[name].producer,
            controls={pack: tuple(ids) for pack, ids in by_pack.items()},
        )
        for name, by_pack in rows.items()
    ]
    return tuple(
        sorted(made, key=lambda row: (-len(row.controls), -sum(map(len, row.controls.values())), row.evidence))
    )


def cover(packs: Sequence[Pack], on: frozenset[str], question: gates.Question) -> tuple[PackCoverage, ...]:
    """Ask every control of the packs, whatever gate it belongs to, but for what is asked at the end alone.

    Args: on: digests of the packs that are on.
    """
    context = rules.prepared(question.facts)
    return tuple(
        _pack(
            pack,
            pack.digest in on,
            [_control(pack, one, question, context) for one in pack.controls if one.gates != ("retire",)],
        )
        for pack in packs
    )


def _control(pack: Pack, control: Control, question: gates.Question, context: cel.Context) -> CoverageControl:
    answer = gates.ask_control(pack, control, question, context)
    return CoverageControl(
        id=control.id,
        title=control.title,
        source=control.source,
        gates=control.gates,
        status=answer.status,
        enforce=control.enforce,
        reason=answer.reason,
        confidence=control.confidence,
        evidence=control.evidence,
        evidence_ids=answer.evidence_ids,
        lacking=tuple(name for name in control.evidence if name not in question.evidence),
        valid_from=control.valid_from,
    )


def _pack(pack: Pack, is_on: bool, controls: Sequence[CoverageControl]) -> PackCoverage:
    return PackCoverage(
        pack=pack.id,
        version=pack.version,
        title=pack.title,
        mode=pack.mode,
        is_on=is_on,
        applies=sum(one.status in BEGUN for one in controls),
        passed=sum(one.status is Status.passed for one in controls),
        upcoming=sum(one.status is Status.upcoming for one in controls),
        controls=tuple(controls),
    )
