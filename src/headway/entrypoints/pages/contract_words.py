"""Words for changes of contracts and versions of products, as badges show them."""

from __future__ import annotations

from headway.catalog.changes import ChangeState
from headway.catalog.versions import VersionState
from headway.entrypoints.pages.navigation import N_

LEVELS = {
    "breaking": (N_("breaks readers"), "bad", "circle-x"),
    "compatible": (N_("breaks nobody"), "ok", "circle-check"),
    "note": (N_("words only"), "", "info-circle"),
}
CHANGES = {
    ChangeState.open: (N_("waits for its consumers"), "warn", "clock"),
    ChangeState.effective: (N_("in force"), "ok", "circle-check"),
    ChangeState.withdrawn: (N_("withdrawn"), "bad", "circle-x"),
}
STATES = {
    VersionState.active: (N_("current"), "ok", "circle-check"),
    VersionState.superseded: (N_("followed by a compatible one"), "", "history"),
    VersionState.deprecated: (N_("deprecated"), "warn", "alert-triangle"),
    VersionState.retired: (N_("ended"), "bad", "circle-x"),
}
BECAUSE = {
    "compatible": N_("It breaks nobody who reads the product."),
    "no_consumer": N_("Nobody depends on the product."),
    "accepted": N_("Everybody who was asked agreed."),
    "notice_over": N_("Its notice is over."),
}
LEVEL_STATES = {
    "kept": (N_("kept"), "ok", "circle-check"),
    "missed": (N_("missed"), "bad", "circle-x"),
    "unknown": (N_("not known"), "", "info-circle"),
}
LEVEL_NAMES = {
    "freshness": (N_("Freshness"), N_("hours since the newest rows came")),
    "completeness": (N_("Completeness"), N_("share of values that are there, of those that must be")),
    "latency": (N_("Latency"), N_("hours from the source to here")),
}
