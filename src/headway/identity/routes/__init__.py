"""Identity over HTTP, one file per idea."""

from headway.identity.routes.departments import department_router
from headway.identity.routes.imports import import_router
from headway.identity.routes.people import person_router
from headway.identity.routes.permissions import me_router
from headway.identity.routes.providers import provider_router
from headway.identity.routes.roles import role_router
from headway.identity.routes.sessions import session_router, setup_router
from headway.identity.routes.tokens import token_router

__all__ = ["routers"]

routers = (
    setup_router,
    session_router,
    department_router,
    import_router,
    person_router,
    role_router,
    token_router,
    provider_router,
    me_router,
)
