"""Operations about people, departments, roles and tokens."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from headway_client.answers.identity import (
    Department,
    EffectiveAccess,
    Explanation,
    HeldRole,
    IdentityProvider,
    Invitation,
    NewToken,
    Person,
    ProviderCheck,
    SignInLink,
    Token,
    UserSession,
    WhoAmI,
)
from headway_client.answers.imports import ImportPreview
from headway_client.calls import File
from headway_client.lists import Page
from headway_client.operations import Each, M, Namespace, delete, get, lists, patch, post, put
from headway_client.words import Language, Role


class Sessions(Namespace[M]):
    """Signing in and out."""

    @post("/setup")
    def set_up(self, *, code: str, name: str, email: str, password: str) -> NewToken:
        """Make the first person of the AI office with the code printed at start."""

    @post("/sessions")
    def sign_in(self, *, email: str, password: str) -> NewToken:
        """Sign in with mail address and password."""

    @post("/sessions/join")
    def join(self, *, code: str, password: str) -> NewToken:
        """Set a password with an invitation's code and sign in."""

    @post("/sessions/link")
    def use_link(self, *, code: str) -> NewToken:
        """Sign in with the code of a one-time link."""

    @delete("/sessions/current")
    def sign_out(self) -> Token | UserSession:
        """End the session, or revoke the token, that this request was made with."""

    @lists("/sessions", is_paged=False)
    def list(self, *, person: str | None = None) -> Each[UserSession]:
        """List the open sessions of a person, the one used last first; without ``person`` one's own."""

    @delete("/sessions/{session_id}")
    def close(self, session_id: str) -> UserSession:
        """End a session at once."""

    @delete("/sessions")
    def close_others(self, *, person: str | None = None) -> Page[UserSession]:
        """End all sessions of a person but the one that asks; without ``person`` one's own. Answers those it ended."""


class Departments(Namespace[M]):
    """The tree of departments."""

    @lists("/departments", is_paged=False)
    def list(self) -> Each[Department]:
        """List the tree of departments, parents before children."""

    @post("/departments")
    def add(self, *, slug: str, name: str | None = None, parent: str = "org", region: str | None = None) -> Department:
        """Add a department below another."""

    @get("/departments/{slug}")
    def show(self, slug: str) -> Department:
        """Show one department."""

    @patch("/departments/{slug}")
    def change(self, slug: str, *, name: str | None = None, region: str | None = None) -> Department:
        """Change a department's name or region."""


class People(Namespace[M]):
    """People and their accounts."""

    @get("/people/template.xlsx")
    def template(self, *, language: Language = "en") -> bytes:
        """Give an empty workbook to fill in with people and departments."""

    @get("/people/export.xlsx")
    def export_xlsx(self, *, language: Language = "en") -> bytes:
        """Export people with their roles, and departments, as a workbook that can be changed and sent back."""

    @get("/people/export.csv")
    def export_csv(self, *, language: Language = "en") -> bytes:
        """Export people with their roles as CSV."""

    @post("/people/imports", files=("file",))
    def stage_import(self, file: File) -> ImportPreview:
        """Send a file with people or departments; the answer tells what it would change. Nothing changes yet."""

    @get("/people/imports/{import_id}")
    def show_import(self, import_id: str) -> ImportPreview:
        """Tell anew what a file that you sent would change, or what applying it did."""

    @post("/people/imports/{import_id}/apply")
    def apply_import(self, import_id: str, *, digest: str) -> ImportPreview:
        """Do what the differences with this digest told: every row, or none when anything changed since."""

    @lists("/people")
    def list(self) -> Each[Person]:
        """List people."""

    @post("/people")
    def add(self, *, name: str, email: str) -> Invitation:
        """Add a person; the answer holds the code that lets them set a password, once."""

    @get("/people/{person_id}")
    def show(self, person_id: str) -> Person:
        """Show one person."""

    @get("/people/{person_id}/access")
    def access(self, person_id: str) -> EffectiveAccess:
        """Show what a person may do in each department, by which rule, and the role that gives it."""

    @post("/people/{person_id}/link")
    def make_link(self, person_id: str) -> SignInLink:
        """Make a link with which a person, named by id or mail address, signs in once, within 15 minutes."""

    @post("/people/me/password")
    def change_password(self, *, old_password: str, new_password: str) -> Person:
        """Change one's own password; other sessions end."""

    @post("/people/{person_id}/invite")
    def invite(self, person_id: str) -> Invitation:
        """Make a new one-time code for a person."""

    @post("/people/{person_id}/deactivate")
    def deactivate(self, person_id: str) -> Person:
        """Close a person's account and revoke their tokens."""


class Roles(Namespace[M]):
    """Who holds which role where."""

    @lists("/roles")
    def list(
        self, *, principal: str | None = None, role: Role | None = None, department: str | None = None
    ) -> Each[HeldRole]:
        """List who holds which role where."""

    @post("/roles")
    def grant(self, *, principal: str, role: Role, department: str | None = None) -> HeldRole:
        """Give a person or service a role."""

    @delete("/roles/{role_id}")
    def revoke(self, role_id: str) -> HeldRole:
        """Take a role back."""


class Tokens(Namespace[M]):
    """API tokens."""

    @lists("/tokens")
    def list(self, *, owner: str | None = None) -> Each[Token]:
        """List tokens: one's own, or those of ``owner``."""

    @post("/tokens")
    def create(
        self,
        *,
        name: str,
        service: str | None = None,
        department: str | None = None,
        scopes: Sequence[str] | None = None,
        expires_at: datetime | str | None = None,
    ) -> NewToken:
        """Make a token; its secret is in this answer and nowhere else."""

    @delete("/tokens/{token_id}")
    def revoke(self, token_id: str) -> Token:
        """End a token at once."""


class IdentityProviders(Namespace[M]):
    """Identity providers that people sign in with."""

    @lists("/identity-providers", is_paged=False)
    def list(self) -> Each[IdentityProvider]:
        """List identity providers by label."""

    @get("/identity-providers/{provider_id}")
    def show(self, provider_id: str) -> IdentityProvider:
        """Show an identity provider."""

    @post("/identity-providers")
    def add(
        self,
        *,
        id: str,
        label: str,
        issuer: str,
        client_id: str,
        secret_name: str | None = None,
        scopes: Sequence[str] | None = None,
        groups_claim: str = "groups",
        group_roles: Sequence[Mapping[str, str | None]] | None = None,
        creates_people: bool = False,
        mail_domains: Sequence[str] | None = None,
        trusts_mail: bool = False,
    ) -> IdentityProvider:
        """Add an identity provider."""

    @put("/identity-providers/{provider_id}")
    def replace(
        self,
        provider_id: str,
        *,
        label: str,
        issuer: str,
        client_id: str,
        secret_name: str | None = None,
        scopes: Sequence[str] | None = None,
        groups_claim: str = "groups",
        group_roles: Sequence[Mapping[str, str | None]] | None = None,
        creates_people: bool = False,
        mail_domains: Sequence[str] | None = None,
        trusts_mail: bool = False,
    ) -> IdentityProvider:
        """Change an identity provider; what is left out gets its default. Roles follow at each person's next sign-in."""

    @delete("/identity-providers/{provider_id}")
    def remove(self, provider_id: str) -> IdentityProvider:
        """Remove an identity provider, the roles it gave, its links to people and the sessions opened with it."""

    @post("/identity-providers/{provider_id}/test")
    def test(self, provider_id: str) -> Page[ProviderCheck]:
        """Look at what a sign-in with a provider needs, without signing in."""


class Permissions(Namespace[M]):
    """What one may do, and why."""

    @get("/whoami")
    def whoami(self) -> WhoAmI:
        """Tell who the token belongs to and what it may stand for."""

    @get("/permissions/explain")
    def explain(
        self,
        *,
        action: str,
        kind: str = "thing",
        id: str = "any",
        department: str | None = None,
        environment: str | None = None,
        requested_by: str | None = None,
        owner: str | None = None,
        principal: str | None = None,
    ) -> Explanation:
        """Explain why one may or may not do an action to a resource, by which rule, and how to get access."""
