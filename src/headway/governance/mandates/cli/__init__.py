"""Means and limits at the terminal: ``headway mandate | appetite``."""

from headway.governance.mandates.cli.appetites import appetite_app
from headway.governance.mandates.cli.mandates import mandate_app

__all__ = ["appetite_app", "mandate_app"]
