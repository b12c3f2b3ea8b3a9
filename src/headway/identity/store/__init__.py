"""All SQL of identity, one file per table: rows inside, entities out."""

from headway.identity.store.codes import add_code, is_set_up, use_code
from headway.identity.store.departments import add_department, departments, parents, update_department
from headway.identity.store.failures import add_failure, clear_failures, count_failures
from headway.identity.store.locks import lock
from headway.identity.store.people import (
    account,
    add_person,
    deactivate,
    find_people,
    get_person,
    password_hash,
    people,
    set_password,
)
from headway.identity.store.roles import add_role, get_role, others_in_ai_office, revoke_role, role_grants, roles
from headway.identity.store.sessions import (
    add_session,
    closed_hashes,
    end_sessions,
    get_session,
    open_sessions,
    session_by_hash,
    touch_session,
)
from headway.identity.store.tokens import (
    add_token,
    dead_hashes,
    get_token,
    revoke_token,
    token_by_hash,
    tokens,
    touch_token,
)

__all__ = [
    "account",
    "add_code",
    "add_department",
    "add_failure",
    "add_person",
    "add_role",
    "add_session",
    "add_token",
    "clear_failures",
    "closed_hashes",
    "count_failures",
    "deactivate",
    "dead_hashes",
    "departments",
    "end_sessions",
    "find_people",
    "get_person",
    "get_role",
    "get_session",
    "get_token",
    "is_set_up",
    "lock",
    "open_sessions",
    "others_in_ai_office",
    "parents",
    "password_hash",
    "people",
    "revoke_role",
    "revoke_token",
    "role_grants",
    "roles",
    "session_by_hash",
    "set_password",
    "token_by_hash",
    "tokens",
    "touch_session",
    "touch_token",
    "update_department",
    "use_code",
]
