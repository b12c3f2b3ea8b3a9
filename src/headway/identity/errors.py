"""What can go wrong with people and permissions."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Denied, Invalid, NotFound, Unauthenticated, Unavailable


class DepartmentNotFound(NotFound):
    """No department has this slug."""

    code = "identity.department_not_found"


class DepartmentExists(Conflict):
    """The slug is taken."""

    code = "identity.department_exists"


class PersonNotFound(NotFound):
    """No person has this id."""

    code = "identity.person_not_found"


class PersonExists(Conflict):
    """The mail address is taken."""

    code = "identity.person_exists"


class RoleNotFound(NotFound):
    """No role that is held has this id."""

    code = "identity.role_not_found"


class LastAiOffice(Conflict):
    """Without this the organisation would have no AI office."""

    code = "identity.last_ai_office"


class TokenNotFound(NotFound):
    """No token has this id."""

    code = "identity.token_not_found"


class TokenRefused(Unauthenticated):
    """The token is unknown, expired or revoked, or its owner is no longer active."""

    code = "identity.token_refused"


class SessionNotFound(NotFound):
    """No session has this id."""

    code = "identity.session_not_found"


class SessionUnknown(Unauthenticated):
    """No session has this secret."""

    code = "identity.session_unknown"


class SessionExpired(Unauthenticated):
    """The session was not used for too long, or is too old; ``values['person']`` says whose it was."""

    code = "identity.session_expired"


class SessionEnded(Unauthenticated):
    """The person signed out, the session was ended from elsewhere, or the account is closed."""

    code = "identity.session_ended"


class NotYours(Denied):
    """A token acts as its owner, so only the owner may make one."""

    code = "identity.not_yours"


class SignInFailed(Unauthenticated):
    """Mail address and password do not belong together."""

    code = "identity.sign_in_failed"


class TooManyAttempts(Unavailable):
    """Too many failed attempts; wait."""

    code, status = "identity.too_many_attempts", 429


class CodeRefused(Denied):
    """The code is wrong, used or expired."""

    code = "identity.code_refused"


class WrongPassword(Denied):
    """The password given again is not the one of the account."""

    code = "identity.wrong_password"


class ProviderNotFound(NotFound):
    """No identity provider has this id."""

    code = "identity.provider_not_found"


class ProviderExists(Conflict):
    """The id of the identity provider is taken, or it is kept in a file."""

    code = "identity.provider_exists"


class ProviderUnavailable(Unavailable):
    """The identity provider does not answer, or answers what cannot be used."""

    code = "identity.provider_unavailable"


class OidcRefused(Unauthenticated):
    """The sign-in at the identity provider is not accepted here; ``values['rule']`` says why."""

    code = "identity.oidc_refused"


class AlreadySetUp(Conflict):
    """The one-time set-up was done."""

    code = "identity.already_set_up"


class WeakPassword(Invalid):
    """The password is too short or too easy to guess."""

    code = "identity.weak_password"


class ImportChanged(Conflict):
    """People or departments changed since a file's differences were looked at, so that it would do something else."""

    code = "identity.import_changed"


class ImportRefused(Invalid):
    """Cells of a file have to be corrected before it can be applied; every one is listed with its address."""

    code = "identity.import_refused"


class NarrowingInvalid(Invalid):
    """Rules of the organisation's own are no Cedar, do not fit the schema, or would permit something."""

    code = "identity.narrowing_invalid"
