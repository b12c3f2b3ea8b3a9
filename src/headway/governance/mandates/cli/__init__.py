"""Means and limits at the terminal: ``headway mandate | appetite | rights``."""

from headway.governance.mandates.cli.appetites import appetite_app
from headway.governance.mandates.cli.mandates import mandate_app
from headway.governance.mandates.cli.rights import rights_app

__all__ = ["appetite_app", "mandate_app", "rights_app"]
