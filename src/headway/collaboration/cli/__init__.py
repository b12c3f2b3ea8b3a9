"""Working together at the terminal, one file per noun."""

from headway.collaboration.cli.activity import activity
from headway.collaboration.cli.comments import comment_app
from headway.collaboration.cli.inbox import inbox_app
from headway.collaboration.cli.tasks import task_app
from headway.collaboration.cli.views import view_app

__all__ = ["activity", "comment_app", "inbox_app", "task_app", "view_app"]
