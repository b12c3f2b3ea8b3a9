"""Use cases of identity, one file per idea."""

from headway.identity.service.departments import (
    add_department,
    ensure_department,
    get_department,
    list_departments,
    update_department,
)
from headway.identity.service.people import (
    add_person,
    deactivate_person,
    get_person,
    invite_person,
    join,
    list_people,
)
from headway.identity.service.roles import get_actor, get_role, grant_role, list_roles, revoke_role, roles_of
from headway.identity.service.setup import set_up, setup_home
from headway.identity.service.signin import sign_in
from headway.identity.service.tokens import (
    authenticate,
    create_token,
    dead_tokens,
    find_token,
    get_token,
    list_tokens,
    owner_of,
    revoke_token,
    token_hash,
)

__all__ = [
    "add_department",
    "add_person",
    "authenticate",
    "create_token",
    "deactivate_person",
    "dead_tokens",
    "ensure_department",
    "find_token",
    "get_actor",
    "get_department",
    "get_person",
    "get_role",
    "get_token",
    "grant_role",
    "invite_person",
    "join",
    "list_departments",
    "list_people",
    "list_roles",
    "list_tokens",
    "owner_of",
    "revoke_role",
    "revoke_token",
    "roles_of",
    "set_up",
    "setup_home",
    "sign_in",
    "token_hash",
    "update_department",
]
