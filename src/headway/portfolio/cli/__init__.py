"""Pilots, replays, solutions, where use cases stand and what they were worth, at the terminal."""

from headway.portfolio.cli import projections as _projections  # noqa: F401  adds its commands to the benefits
from headway.portfolio.cli.allocations import app as allocations_app
from headway.portfolio.cli.benefits import app as benefits_app
from headway.portfolio.cli.pilots import follow, pilot, pilots_app, solutions_app
from headway.portfolio.cli.replays import replay, replays_app
from headway.portfolio.cli.standings import app as standings_app

__all__ = [
    "allocations_app",
    "benefits_app",
    "follow",
    "pilot",
    "pilots_app",
    "replay",
    "replays_app",
    "solutions_app",
    "standings_app",
]
