"""The council at the terminal: ``headway council``, with ``meeting`` and ``calendar`` below it."""

from headway.governance.council.cli.councils import council_app
from headway.governance.council.cli.meetings import calendar_app, meeting_app

council_app.add_typer(meeting_app, name="meeting")
council_app.add_typer(calendar_app, name="calendar")

__all__ = ["council_app"]
