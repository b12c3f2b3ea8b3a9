"""The council over HTTP."""

from headway.governance.council.routes.councils import conditions, councils, items
from headway.governance.council.routes.meetings import calendar, council_meetings, meetings

routers = (councils, council_meetings, items, conditions, meetings, calendar)

__all__ = ["routers"]
