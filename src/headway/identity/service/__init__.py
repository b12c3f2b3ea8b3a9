"""Use cases of identity, one file per idea."""

from headway.identity.service.access import departments_where, effective_access
from headway.identity.service.credentials import token_hash
from headway.identity.service.departments import (
    add_department,
    ensure_department,
    get_department,
    list_departments,
    update_department,
)
from headway.identity.service.importing import (
    apply_import,
    get_import,
    import_scope,
    people_sheets,
    people_template,
    stage_import,
)
from headway.identity.service.links import LinkPurpose, make_link, request_link, use_link
from headway.identity.service.lookup import find_person, names_of, people_of
from headway.identity.service.oidc import begin_oidc, finish_oidc, oidc_logout_url
from headway.identity.service.passwords import change_password
from headway.identity.service.people import (
    add_person,
    deactivate_person,
    enroll_person,
    find_people,
    get_person,
    invite_person,
    join,
    list_people,
    rename_person,
)
from headway.identity.service.providers import (
    add_provider,
    apply_provider_file,
    get_provider,
    list_providers,
    remove_provider,
    replace_provider,
    try_provider,
)
from headway.identity.service.roles import get_actor, get_role, grant_role, list_roles, revoke_role, roles_of
from headway.identity.service.sessions import START as SESSION_START
from headway.identity.service.sessions import (
    close_session,
    close_sessions,
    find_session,
    get_session,
    list_sessions,
    open_session,
    resume,
    session_limits,
)
from headway.identity.service.setup import set_up, setup_home
from headway.identity.service.signin import sign_in
from headway.identity.service.throttle import attempt
from headway.identity.service.tokens import (
    authenticate,
    create_token,
    dead_tokens,
    find_token,
    get_token,
    list_tokens,
    owner_of,
    revoke_token,
)

__all__ = [
    "SESSION_START",
    "LinkPurpose",
    "add_department",
    "add_person",
    "add_provider",
    "apply_import",
    "apply_provider_file",
    "attempt",
    "authenticate",
    "begin_oidc",
    "change_password",
    "close_session",
    "close_sessions",
    "create_token",
    "deactivate_person",
    "dead_tokens",
    "departments_where",
    "effective_access",
    "enroll_person",
    "ensure_department",
    "find_people",
    "find_person",
    "find_session",
    "find_token",
    "finish_oidc",
    "get_actor",
    "get_department",
    "get_import",
    "get_person",
    "get_provider",
    "get_role",
    "get_session",
    "get_token",
    "grant_role",
    "import_scope",
    "invite_person",
    "join",
    "list_departments",
    "list_people",
    "list_providers",
    "list_roles",
    "list_sessions",
    "list_tokens",
    "make_link",
    "names_of",
    "oidc_logout_url",
    "open_session",
    "owner_of",
    "people_of",
    "people_sheets",
    "people_template",
    "remove_provider",
    "rename_person",
    "replace_provider",
    "request_link",
    "resume",
    "revoke_role",
    "revoke_token",
    "roles_of",
    "session_limits",
    "set_up",
    "setup_home",
    "sign_in",
    "stage_import",
    "token_hash",
    "try_provider",
    "update_department",
    "use_link",
]
