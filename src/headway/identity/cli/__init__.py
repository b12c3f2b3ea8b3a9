"""``headway department | person | role | token | session | provider``: who there is and what they may."""

from headway.identity.cli.departments import department_app
from headway.identity.cli.people import person_app
from headway.identity.cli.providers import provider_app
from headway.identity.cli.roles import role_app
from headway.identity.cli.sessions import session_app
from headway.identity.cli.tokens import token_app

__all__ = ["department_app", "person_app", "provider_app", "role_app", "session_app", "token_app"]
