"""Identity providers over HTTP. Signing in with one happens in the browser, by the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from headway.identity import service
from headway.identity.entities import GroupRole, IdentityProvider, ProviderCheck, ProviderConfig, Role
from headway.identity.routes.fields import Created, Name
from headway.kernel.auth import Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

provider_router = APIRouter(prefix="/identity-providers", tags=["identity providers"])
Names = Annotated[list[Name], Field(max_length=1000)]


class GroupRoleBody(BaseModel):
    """Members of this group hold this role; without department everywhere."""

    group: Name
    role: Role
    department: Name | None = None


class ProviderSettings(BaseModel):
    """What is set of a provider; ``secret_name`` names the client secret: env:HEADWAY_SECRET_NAME or file:NAME."""

    label: Name
    issuer: Annotated[str, Field(max_length=2000)]
    client_id: Name
    secret_name: Name | None = None
    scopes: Names = ["openid", "profile", "email"]
    groups_claim: Name = "groups"
    group_roles: Annotated[list[GroupRoleBody], Field(max_length=1000)] = []
    creates_people: bool = False
    mail_domains: Names = []
    trusts_mail: bool = False

    def config(self, provider_id: str) -> ProviderConfig:
        """What this sets for the provider of an id."""
        return ProviderConfig(
            id=provider_id,
            label=self.label,
            issuer=self.issuer,
            client_id=self.client_id,
            secret_name=self.secret_name,
            scopes=tuple(self.scopes),
            groups_claim=self.groups_claim,
            group_roles=tuple(
                GroupRole(group=entry.group, role=entry.role, department=entry.department) for entry in self.group_roles
            ),
            creates_people=self.creates_people,
            mail_domains=tuple(self.mail_domains),
            trusts_mail=self.trusts_mail,
        )


class NewProvider(ProviderSettings):
    """A provider to add."""

    id: Name


@provider_router.get("")
def list_providers(tx: Tx, permit: Permit) -> Page[IdentityProvider]:
    """List identity providers by label."""
    permit("provider:read", Resource(kind="provider", id="any"))
    return Page(items=service.list_providers(tx), next=None)


@provider_router.get("/{provider_id}")
def show_provider(provider_id: str, tx: Tx, permit: Permit) -> IdentityProvider:
    """Show an identity provider."""
    permit("provider:read", Resource(kind="provider", id=provider_id))
    return service.get_provider(tx, provider_id)


@provider_router.post("", status_code=Created)
def add_provider(body: NewProvider, tx: Tx, actor: CurrentActor, permit: Permit) -> IdentityProvider:
    """Add an identity provider."""
    permit("provider:manage", Resource(kind="provider", id=body.id))
    return service.add_provider(tx, actor, body.config(body.id))


@provider_router.put("/{provider_id}")
def replace_provider(
    provider_id: str, body: ProviderSettings, tx: Tx, actor: CurrentActor, permit: Permit
) -> IdentityProvider:
    """Change an identity provider; what is left out gets its default. Roles follow at each person's next sign-in."""
    permit("provider:manage", Resource(kind="provider", id=provider_id))
    return service.replace_provider(tx, actor, body.config(provider_id))


@provider_router.delete("/{provider_id}")
def remove_provider(provider_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> IdentityProvider:
    """Remove an identity provider, the roles it gave, its links to people and the sessions opened with it."""
    permit("provider:manage", Resource(kind="provider", id=provider_id))
    return service.remove_provider(tx, actor, provider_id)


@provider_router.post("/{provider_id}/test")
def try_provider(provider_id: str, here: HereParts, permit: Permit) -> Page[ProviderCheck]:
    """Look at what a sign-in with a provider needs, without signing in."""
    permit("provider:manage", Resource(kind="provider", id=provider_id))
    with here.database.session() as session:
        provider = service.get_provider(session, provider_id)
    return Page(items=service.try_provider(provider, here.settings), next=None)
