"""Means and limits at the terminal: ``headway mandate``."""

from headway.governance.mandates.cli.mandates import mandate_app

__all__ = ["mandate_app"]
