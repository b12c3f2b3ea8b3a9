"""How things stand, in a tone, an icon and a word: the states of every domain in one place, translated when one is shown."""

from __future__ import annotations

from collections.abc import Mapping

from headway.entrypoints.pages import words
from headway.entrypoints.pages.navigation import N_

STATES: Mapping[str, tuple[str, str, str]] = {
    "pass": ("ok", "circle-check", N_("passed")),
    "passed": ("ok", "circle-check", N_("passed")),
    "warn": ("warn", "alert-triangle", N_("warning")),
    "block": ("bad", "circle-x", N_("blocked")),
    "blocked": ("bad", "circle-x", N_("blocked")),
    "failed": ("bad", "circle-x", N_("failed")),
    "indeterminate": ("warn", "help-circle", N_("not known")),
    "waived": ("warn", "clock", N_("waived for a time")),
    "to_review": ("bad", "eye", N_("to be reviewed")),
    "overdue": ("bad", "alert-triangle", N_("review overdue")),
    "lapsed": ("", "history", N_("lapsed")),
    "confirmed": ("warn", "bolt", N_("confirmed")),
    "justified": ("ok", "check", N_("justified")),
    "not_justified": ("bad", "x", N_("not justified")),
    "in_force": ("warn", "clock", N_("in force")),
    "ending": ("warn", "alert-triangle", N_("ends within a week")),
    "over": ("", "history", N_("over")),
    "ended": ("", "check", N_("ended early")),
    "not_applicable": ("", "point", N_("does not apply")),
    "upcoming": ("", "clock", N_("comes later")),
    "made": ("ok", "check", N_("made")),
    "running": ("info", "loader-2", N_("running")),
    "unchanged": ("ok", "circle-check", N_("nothing new")),
    "queued": ("", "clock", N_("waiting")),
    "done": ("ok", "circle-check", N_("done")),
    "cancelled": ("", "circle-x", N_("cancelled")),
    "escalated": ("bad", "alert-triangle", N_("escalated")),
    "requested": ("warn", "clock", N_("asked for")),
    "approved": ("ok", "circle-check", N_("approved")),
    "rejected": ("bad", "circle-x", N_("rejected")),
    "released": ("ok", "circle-check", N_("released")),
    "revoked": ("bad", "shield-x", N_("revoked")),
    "active": ("ok", "player-play", N_("active")),
    "suspended": ("warn", "player-pause", N_("suspended")),
    "warned": ("warn", "alert-triangle", N_("warned about")),
    "cleared": ("ok", "circle-check", N_("cleared")),
    "retired": ("", "archive", N_("retired")),
    "superseded": ("", "history", N_("superseded")),
    "open": ("info", "circle-dashed", N_("open")),
    "high": ("bad", "alert-triangle", N_("high risk")),
    "prohibited": ("bad", "hand-stop", N_("prohibited")),
    "transparency": ("warn", "eye", N_("transparency duties")),
    "minimal": ("ok", "circle-check", N_("minimal risk")),
    "undecided": ("", "help-circle", N_("not decided")),
    "sandbox": ("", "test-pipe", N_("sandbox")),
    "pilot": ("info", "flag", N_("pilot")),
    "production": ("ok", "rocket", N_("production")),
    "proposed": ("", "bulb", N_("proposed")),
    "approval": ("warn", "gavel", N_("in approval")),
    "projected": ("", "point", N_("projected")),
    "measured": ("ok", "scale", N_("measured")),
    "refuted": ("bad", "circle-x", N_("refuted")),
    "warning": ("warn", "alert-triangle", N_("warning")),
    "serious": ("bad", "alert-triangle", N_("serious")),
    "acknowledged": ("info", "eye", N_("acknowledged")),
    "closed": ("", "check", N_("closed")),
    "live": ("ok", "rocket", N_("live")),
}


def state_of(value: object) -> tuple[str, str, str]:
    """The tone, icon and word of a state, in the language spoken now; one that is not known speaks for itself."""
    name = str(value)
    found = STATES.get(name)
    return ("", "point", name.replace("_", " ")) if found is None else (*found[:2], words.gettext(found[2]))
