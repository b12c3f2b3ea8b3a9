"""Pilots, solutions and where use cases stand, at the terminal."""

from headway.portfolio.cli.pilots import follow, pilot, pilots_app, solutions_app
from headway.portfolio.cli.standings import app as standings_app

__all__ = ["follow", "pilot", "pilots_app", "solutions_app", "standings_app"]
