"""Control in a board pack: what was released, what gates kept out, what was excused, what was lost at work. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from headway.dossiers.board.records import BoardRecords
from headway.dossiers.entities import Cite, Drawn, Said, Statement
from headway.dossiers.phrases import counted, day, drawn, say, table
from headway.governance import BreakGlassStanding, WaiverStanding
from headway.ledger import Event

MOST = 40
WAITING = (BreakGlassStanding.requested, BreakGlassStanding.open, BreakGlassStanding.overdue)


def releases(r: BoardRecords) -> Drawn:
    """What was asked for and let in during the quarter."""
    if not r.releases:
        return drawn(say("No release was asked for, decided or made in the quarter.", r.of_quarter()))
    released = [one for one in r.releases if r.happened(one.released_at)]
    rows = [
        (
            one.version,
            r.title(one.usecase),
            one.environment,
            one.status,
            r.name(one.requested_by),
            r.name(one.decided_by),
            day(one.released_at),
        )
        for one in r.releases[:MOST]
    ]
    cites = [Cite(ref=f"release:{one.id}", digest=one.digest) for one in r.releases]
    headers = ("version", "use case", "environment", "standing", "asked by", "decided by", "released")
    revoked = [one for one in r.releases if r.happened(one.revoked_at)]
    return drawn(
        say(
            f"{counted(len(r.releases), 'release was', 'releases were')} under way in the quarter, "
            f"{len(released)} of them came in.",
            cites,
        ),
        table("Releases", headers, rows, cites[:MOST]),
        (
            say(
                f"{one.version} was revoked on {day(one.revoked_at)}: {one.revoked_because}.",
                Cite(ref=f"release:{one.id}"),
            )
            for one in revoked
        ),
    )


def refusals(r: BoardRecords) -> Drawn:
    """What gates kept out: how often, what, and why."""
    if not r.refusals:
        return drawn(say("Gates kept nothing out in the quarter.", r.of_quarter()))
    times: Counter[tuple[str, str, str]] = Counter()
    first: dict[tuple[str, str, str], Event] = {}
    for one in r.refusals:
        key = _what(one)
        times[key] += _times(one)
        first.setdefault(key, one)
    rows = [
        (code, usecase or "–", environment or "–", f"{count:,}", _reason(first[code, usecase, environment]))
        for (code, usecase, environment), count in times.most_common(MOST)
    ]
    chosen = [_of_event(first[key]) for key, _ in times.most_common(MOST)]
    least = "" if r.are_all_refusals else "at least "
    return drawn(
        say(f"Gates kept something out {least}{counted(times.total(), 'time')} in the quarter.", r.of_quarter()),
        table(
            "What was kept out, with the newest of each kind",
            ("code", "use case", "environment", "times", "why"),
            rows,
            chosen,
            numeric=(3,),
        ),
    )


def _what(one: Event) -> tuple[str, str, str]:
    told = one.payload or {}
    return str(told.get("code") or ""), str(told.get("usecase") or ""), str(told.get("environment") or "")


def _times(one: Event) -> int:
    count = (one.payload or {}).get("count", 1)
    return count if isinstance(count, int) else 1


def _reason(one: Event) -> str:
    return str((one.payload or {}).get("reason") or "–")


def _of_event(one: Event) -> Cite:
    return Cite(ref=f"event:{one.id}", digest=one.commitment)


def excused(r: BoardRecords) -> Drawn:
    """Controls that were waived, and glass that was broken."""
    return drawn(_waived(r), _broken(r), _overdue(r), _nothing(r))


def _waived(r: BoardRecords) -> Statement | None:
    return table(
        "Waivers in force, or asked for in the quarter",
        ("use case", "control", "environment", "standing", "what is done instead", "until", "in a row"),
        [
            (
                r.title(one.usecase),
                one.control,
                one.environment,
                one.standing.value.replace("_", " "),
                one.compensation,
                day(one.ends_at),
                str(one.in_a_row),
            )
            for one in r.waivers[:MOST]
        ],
        (Cite(ref=f"waiver:{one.id}") for one in r.waivers[:MOST]),
        numeric=(6,),
    )


def _broken(r: BoardRecords) -> Statement | None:
    return table(
        "Break-glass open, or asked for in the quarter",
        ("use case", "environment", "standing", "asked by", "confirmed by", "why"),
        [
            (
                r.title(one.usecase),
                one.environment,
                one.standing.value.replace("_", " "),
                r.name(one.requested_by),
                r.name(one.answered_by),
                one.reason,
            )
            for one in r.glass[:MOST]
        ],
        (Cite(ref=f"break-glass:{one.id}") for one in r.glass[:MOST]),
    )


def _overdue(r: BoardRecords) -> Iterator[Said]:
    for one in r.glass:
        if one.standing is BreakGlassStanding.overdue:
            yield say(
                f"Nobody reviewed in time what was let into {one.environment} for {r.title(one.usecase)} by break-glass.",
                Cite(ref=f"break-glass:{one.id}"),
            )


def _nothing(r: BoardRecords) -> Said | None:
    in_force = sum(one.standing in (WaiverStanding.in_force, WaiverStanding.ending) for one in r.waivers)
    waiting = sum(one.standing in WAITING for one in r.glass)
    if in_force or waiting:
        return None
    return say("No waiver is in force, and no break-glass is open.", r.of_quarter())


def lost(r: BoardRecords) -> Drawn:
    """What something at work has lost since it was let in."""
    found = table(
        "Controls that something at work no longer passes",
        ("use case", "environment", "control", "since", "suspended", "what to do"),
        [
            (
                r.title(one.usecase),
                one.environment,
                f"{one.title} ({one.control})",
                day(one.since),
                day(one.suspended_at or one.suspends_at),
                one.remedy,
            )
            for one in r.findings[:MOST]
        ],
        (Cite(ref=f"finding:{one.id}") for one in r.findings[:MOST]),
    )
    return drawn(found or say("Everything at work passes its controls.", r.of_inventory()))
