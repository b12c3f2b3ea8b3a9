"""Building the company: the simulator's files, then a year and more of work, act by act in the order of time."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import polars as pl

from headway import demo
from headway.entrypoints import home
from headway.entrypoints.company import (
    assessing,
    cast,
    convening,
    direction,
    incidents,
    intake,
    inventory,
    leads,
    marker,
    means,
    papers,
    projecting,
    repairing,
    sharing,
    sources,
    stewarding,
    wiping,
)
from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.marker import Marker
from headway.entrypoints.company.node import CompanyNode
from headway.entrypoints.company.pilots import Others
from headway.entrypoints.company.plan import LIVE, NAME, Plan, spec_of
from headway.entrypoints.company.scene import Person, Scene, opened
from headway.entrypoints.company.scoring import ENVIRONMENT, Scoring
from headway.kernel.homelock import HomeLock
from headway.kernel.settings import Settings
from headway_client import Client

DATA, FILES = "simulated", "files"
"""Below the home's folder ``demo``: what the simulator wrote, and the files that people brought in."""
Told = Callable[[str], None]


def build(settings: Settings, plan: Plan, told: Told) -> Marker:
    """Build the company in an empty home; whatever an interrupted build left is taken away first.

    Raises: marker.NotAtHome, marker.NotEmpty; Conflict: another process holds the home.
    """
    marker.check_place(settings)
    home.prepare_home(settings)
    with HomeLock(settings.home):
        wiping.clear(settings)
        home.prepare_home(settings)
        about = Marker(
            name=NAME,
            seed=plan.seed,
            until=plan.until.isoformat(),
            scale=plan.scale,
            usecases=plan.usecases,
            every=plan.every,
            state="building",
        )
        marker.write(settings.home, about)
        told(f"the data of {NAME}: {spec_of(plan).rows} rows")
        folder = settings.home / "demo"
        (folder / FILES).mkdir(mode=0o700)
        company = demo.generate(spec_of(plan), folder / DATA)
        effect = _live(settings, plan, folder, told)
        done = replace(about, state="ready", digest=company.digest, planted_effect=effect)
        marker.write(settings.home, done)
    return done


def _live(settings: Settings, plan: Plan, folder: Path, told: Told) -> float:
    """Play everything that happened; returns the true effect of lead scoring."""
    with ExitStack() as stack:
        told("a platform at the company's own time")
        scene, code = stack.enter_context(opened(settings, plan))
        _found(scene, code)
        node = CompanyNode(settings, ENVIRONMENT)
        stack.callback(node.close)
        scoring = Scoring(folder=folder / FILES, leads=_leads(folder / DATA), node=node, told=told)
        told(f"{plan.usecases} use cases, and lead scoring live in the North from {plan.day(0)} on")
        others = Others(scoring, folder / DATA)
        before = [*inventory.acts(plan), *intake.acts(plan), *projecting.acts(plan), *assessing.acts(plan)]
        before += direction.acts(plan)
        before += incidents.acts(plan)
        later = [
            *means.acts(plan),
            *convening.acts(plan),
            *papers.acts(plan),
            *sharing.acts(plan),
            *sources.acts(plan, folder / DATA),
            *stewarding.acts(plan),
            *repairing.acts(folder / DATA),
            *scoring.acts(scene),
            *others.acts(),
        ]
        _play(scene, [*before, *later])
        node.ship()
        scene.take_in()
        scene.settle()
        return scoring.planted(plan.at(0), plan.at(LIVE))


def _leads(data: Path) -> pl.DataFrame:
    place = str(data / "{}" / "sales" / "north" / "leads.parquet")
    return leads.joined(pl.read_parquet(place.format("data")), pl.read_parquet(place.format("truth")))


def _play(scene: Scene, acts: list[Act]) -> None:
    """Play acts in the order of time; at the end of a day on which something happened people are told of it."""
    day, is_quiet = math.floor(min(act.day for act in acts)), True
    for act in sorted(acts, key=lambda act: act.day * 24 + act.hour):
        if math.floor(act.day) != day:
            if not is_quiet:
                scene.go_to(day, 23.5)
                scene.settle()
            day, is_quiet = math.floor(act.day), True
        is_quiet = is_quiet and act.is_quiet
        scene.go_to(act.day, act.hour)
        act.do(scene)


def _found(scene: Scene, code: str) -> None:
    """Set the home up, add departments and people, give roles, and say how many must say yes."""
    first, *others = cast.people()
    with Client(scene.url) as nobody:
        body = {
            "code": code,
            "name": first.name,
            "email": first.email,
            "password": secrets.token_urlsafe(24),
        }  # nobody learns it: the company's people sign in by links
        owner = str(nobody.post("/setup", body)["owner"])
        scene.people[first.key] = _person(first, owner.removeprefix("person:"))
        office = scene.as_(first.key)
        for department in cast.departments():
            office.post("/departments", department)
        for figure in others:
            invited = office.post("/people", {"name": figure.name, "email": figure.email})
            scene.people[figure.key] = made = _person(figure, str(invited["person"]["id"]))
            for role, where in figure.roles:
                office.post("/roles", {"principal": made.ref, "role": role, "department": where})
    reason = "Two of the council read what decides about people; one would be on leave too often."
    office.put("/quorums/production", {"needed": 2, "reason": reason})


def _person(figure: cast.Figure, person: str) -> Person:
    return Person(key=figure.key, id=person, name=figure.name, email=figure.email)
