"""Working together over HTTP, one file per idea."""

from headway.collaboration.routes.activity import router as activity_router
from headway.collaboration.routes.comments import router as comments_router
from headway.collaboration.routes.inbox import routers as inbox_routers
from headway.collaboration.routes.tasks import router as tasks_router
from headway.collaboration.routes.views import router as views_router
from headway.collaboration.routes.watches import router as watches_router

routers = (comments_router, activity_router, tasks_router, watches_router, views_router, *inbox_routers)

__all__ = ["routers"]
