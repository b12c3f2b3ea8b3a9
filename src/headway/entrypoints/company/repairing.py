"""Data that a steward mends: the customers of the North, in which people mistyped what the simulator knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.plan import LIVE
from headway.entrypoints.company.scene import Scene

STEWARD, NAME, SURE = "otto", "north customers", 0.7
PRODUCT = "sales.north-customers"
ACCEPTED = "A sample of twenty was held against the letters that customers wrote: all but three were mistyped."
REFUSED = "These are written so on the customers' own letters."


def acts(data: Path) -> Iterator[Act]:
    """Registered, looked through, mended where it is sure, refused where it is not."""
    yield Act(LIVE - 3, 9, lambda scene: _register(scene, data))
    yield Act(LIVE - 3, 14, _accept)
    yield Act(LIVE - 2, 10, _refuse)


def _register(scene: Scene, data: Path) -> None:
    file = data / "data" / "sales" / "north" / "customers.parquet"
    form = {"department": "sales", "name": NAME}
    scene.as_(STEWARD).post("/products", files={"file": file}, data=form)


def _accept(scene: Scene) -> None:
    otto = scene.as_(STEWARD)
    if otto.get(f"/products/{PRODUCT}/suggestions/groups", sure=SURE)["repairs"]:
        otto.post(f"/products/{PRODUCT}/repairs", {"sure": SURE, "reason": ACCEPTED})


def _refuse(scene: Scene) -> None:
    otto = scene.as_(STEWARD)
    groups = otto.get(f"/products/{PRODUCT}/suggestions/groups")["groups"]
    if groups:
        body = {"column": groups[-1]["column"], "kind": groups[-1]["kind"], "reason": REFUSED}
        otto.post(f"/products/{PRODUCT}/suggestions/refuse", body)
