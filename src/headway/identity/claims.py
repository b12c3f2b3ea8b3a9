"""What an identity provider says about a person, read into facts: who, which address, which groups, which roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headway.identity.entities import GroupRole, IdentityProvider
from headway.identity.errors import OidcRefused
from headway.identity.passwords import normal_email
from headway.kernel.auth import RoleGrant
from headway.kernel.errors import Invalid

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A person as a provider knows them; ``groups`` is None where there are too many to say, which is not none."""

    subject: str
    name: str
    email: str | None
    is_mail_verified: bool
    groups: frozenset[str] | None


def read_claims(claims: Claims, *, groups_claim: str) -> Facts:
    """Read facts from the claims of an ID token, or of one with the answer of the userinfo endpoint.

    An address counts as verified by ``email_verified`` (OpenID Connect Core 1.0, section 5.1) or by ``xms_edov``, with
    which Microsoft Entra says that the owner of the mail domain is verified.
    """
    subject, email = str(claims.get("sub") or ""), _email(claims.get("email"))
    parts = [str(claims.get(part) or "") for part in ("given_name", "family_name")]
    names = (str(claims.get("name") or ""), " ".join(filter(None, parts)), str(claims.get("preferred_username") or ""))
    return Facts(
        subject=subject,
        name=next((name.strip() for name in names if name.strip()), email or subject)[:200],
        email=email,
        is_mail_verified=email is not None and any(_is_true(claims.get(n)) for n in ("email_verified", "xms_edov")),
        groups=_groups(claims, groups_claim) or (None if _has_too_many(claims, groups_claim) else frozenset()),
    )


def roles_of(groups: Iterable[str], group_roles: Iterable[GroupRole]) -> frozenset[RoleGrant]:
    """Name the roles that follow from groups."""
    member = frozenset(groups)
    return frozenset(
        RoleGrant(role=entry.role.value, department=entry.department) for entry in group_roles if entry.group in member
    )


def check_domain(provider: IdentityProvider, facts: Facts) -> None:
    """Refuse a person whose address is not of the domains that a provider may bring in; raises OidcRefused."""
    if not provider.mail_domains:
        return
    domain = (facts.email or "").rpartition("@")[2]
    if domain not in provider.mail_domains or not facts.is_mail_verified:
        allowed = ", ".join(provider.mail_domains)
        raise OidcRefused(
            f"only people with a verified address of {allowed} sign in with {provider.label}",
            hint="ask the AI office, or sign in with your work account",
            values={"rule": "mail-domain"},
        )


def has_all(claims: Claims, *, groups_claim: str, wants_groups: bool) -> bool:
    """Tell whether the ID token says all that is needed, so that the userinfo endpoint need not be asked."""
    has_groups = not wants_groups or _groups(claims, groups_claim) is not None
    return bool(claims.get("email")) and "email_verified" in claims and has_groups


def _groups(claims: Claims, name: str) -> frozenset[str] | None:
    found = claims[name] if name in claims else _inside(claims, name)
    if isinstance(found, str):
        return frozenset({found})
    if isinstance(found, list | tuple):
        return frozenset(str(group) for group in found)
    return None


def _has_too_many(claims: Claims, name: str) -> bool:
    """Tell whether Microsoft Entra left the groups out because there are more than fit into a token."""
    elsewhere = claims.get("_claim_names")
    return _is_true(claims.get("hasgroups")) or (isinstance(elsewhere, Mapping) and name in elsewhere)


def _inside(claims: Claims, path: str) -> object:
    """Follow a path with dots, as Keycloak's ``realm_access.roles``."""
    at: object = claims
    for step in path.split("."):
        if not isinstance(at, Mapping) or step not in at:
            return None
        at = at[step]
    return at


def _email(value: object) -> str | None:
    try:
        return normal_email(value) if isinstance(value, str) and value else None
    except Invalid:
        return None


def _is_true(value: object) -> bool:
    return value is True or value in ("true", "True", "1", 1)
