"""Scaling at the terminal."""

from headway.scaling.cli.plans import app

__all__ = ["app"]
