"""``headway demo``: a simulated company to look at, built once, found again, taken away on wish."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from headway.kernel import clock, terminal
from headway.kernel.errors import Conflict
from headway.kernel.settings import Settings

if TYPE_CHECKING:
    from headway_client import Client

SIGN_INS = {
    "mira": "AI office: everything, people and policies included",
    "claire": "sponsor of Sales: what it is worth",
    "lena": "department head of Sales North: lead scoring is hers",
    "priya": "council: approvals that wait, and a review that is overdue",
    "dana": "data scientist: pilots, models, a release that the gate blocks",
    "amelie": "auditor: the ledger, and each decision back to its evidence",
}
"""Whose links are printed, and what each of them has to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The company somebody asks for; as in ``company.plan``."""

    seed: int
    until: date | None
    scale: float
    usecases: int
    every: int


def show(wanted: Wanted) -> None:
    """Build the company unless it is there, start the platform, and print who can sign in and where."""
    from headway.entrypoints.cli.connection import running_client
    from headway.entrypoints.cli.demo import reach

    settings = Settings.load()
    if running_client(settings) is None:
        _ready(settings, wanted)
    with reach(settings) as client:
        _tell(settings, client)


def _ready(settings: Settings, wanted: Wanted) -> None:
    """Find the company in the home, or build it; one that was half built is built anew."""
    from headway.entrypoints.company import marker
    from headway.entrypoints.company.plan import NAME, Plan

    marker.check_place(settings)
    found = marker.read(settings.home)
    if found is not None and found.state == "ready":
        _say(f"{found.name} is there, simulated up to {found.until}")
        return
    if found is not None:
        _say("the last build was cut off: it begins anew")
    plan = Plan(**{**asdict(wanted), "until": wanted.until or clock.now().date()})
    began = time.monotonic()
    _say(f"building {NAME} in {settings.home}: a simulated company, nothing in it is real")
    _say(f"  {settings.outside_url} tells the step it is at")
    from headway.entrypoints.company import building, waiting  # only now: its libraries take a second to load

    with ExitStack() as stack:
        try:
            answer = stack.enter_context(waiting.answering(settings))
        except OSError as error:
            hint = "stop what listens there, or set HEADWAY_PORT to another port"
            raise Conflict(f"{settings.host}:{settings.port} cannot be used: {error.strerror}", hint=hint) from error
        building.build(settings, plan, _timed(began, answer))
    _say(f"built in {time.monotonic() - began:.0f} s")


def _tell(settings: Settings, client: Client) -> None:
    """Print the addresses; a link signs in once, within a quarter of an hour."""
    from headway.entrypoints.company import cast, marker

    found = marker.read(settings.home)
    if found is None:
        raise Conflict("what runs on this home is no simulated company", hint="set another HEADWAY_HOME for the demo")
    _say(f"\n  {found.name}, a simulated company, is at {settings.outside_url}")
    _say("  sign in by one of these links, each once within 15 minutes ('headway demo' prints new ones):\n")
    names = {figure.key: figure for figure in cast.people()}
    for key, what in SIGN_INS.items():
        made = client.post(f"/people/{names[key].email}/link")
        _say(f"    {names[key].name:<15} {made['url']}\n    {'':<15} {what}")
    _say("\n  inside, be anybody with one click: 'Be somebody else' at the top of each page")
    _say("  its second region waits to be scaled to: " + str(settings.home / "demo" / "files" / "leads-south.csv"))
    _say("  start your own: the button at the top of each page, or 'headway demo wipe'; stop: make down")


def wipe(
    *,
    name: Annotated[
        str | None,
        typer.Option("--name", help="The company's name, to confirm without being asked.", show_default=False),
    ] = None,
) -> None:
    """Take the simulated company away and leave an empty home; every other home is refused."""
    from headway.entrypoints import platform
    from headway.entrypoints.company import marker, wiping

    settings = Settings.load()
    found = marker.read(settings.home)
    if found is None:
        raise marker.NotSimulated(f"{settings.home} was not filled with a simulated company, so it is not wiped")
    typed = name if name is not None else typer.prompt(f"This deletes {found.name} for good. Type its name")
    wiping.check_name(settings, typed)
    if platform.stop(settings.home):
        terminal.say("stopped")
    wiping.wipe(settings, typed)
    terminal.say(f"{found.name} is gone; 'headway up' prints the address of the set-up")


def _timed(began: float, answer: Callable[[str], None]) -> Callable[[str], None]:
    def told(line: str) -> None:
        _say(f"  {time.monotonic() - began:6.1f} s  {line}")
        answer(line)

    return told


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
