"""Identity providers: added by the AI office or by a file of the settings, tested, removed with all they gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.adapters import oidc
from headway.identity.entities import IdentityProvider, ProviderCheck, ProviderConfig
from headway.identity.errors import ProviderExists, ProviderNotFound
from headway.identity.providers import check_config, read_config
from headway.identity.service.roles import revoke_role
from headway.identity.service.sessions import close_sessions_by
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.ids import Ref
from headway.kernel.settings import SECRET, Settings, read_secret


def list_providers(session: Session) -> tuple[IdentityProvider, ...]:
    """Read all providers by label."""
    return tuple(store.providers(session))


def get_provider(session: Session, provider_id: str) -> IdentityProvider:
    """Read one provider; raises ProviderNotFound."""
    found = store.get_provider(session, provider_id)
    if found is None:
        raise ProviderNotFound(f"there is no identity provider {provider_id}", hint="see 'headway provider list'")
    return found


def add_provider(session: Session, actor: Actor, config: ProviderConfig) -> IdentityProvider:
    """Add a provider. Raises: Invalid with every fault; ProviderExists."""
    store.lock(session, "identity.providers")
    if store.get_provider(session, config.id) is not None:
        raise ProviderExists(f"there is an identity provider {config.id}", hint="replace it, or choose another id")
    _check(session, config)
    return _put(session, actor, config, "api", "provider.added")


def replace_provider(session: Session, actor: Actor, config: ProviderConfig) -> IdentityProvider:
    """Change a provider; roles follow at each person's next sign-in.

    Raises: Invalid with every fault; ProviderNotFound; ProviderExists: it is kept in a file.
    """
    store.lock(session, "identity.providers")
    _refuse_kept_in_file(get_provider(session, config.id))
    _check(session, config)
    return _put(session, actor, config, "api", "provider.changed")


def remove_provider(session: Session, actor: Actor, provider_id: str) -> IdentityProvider:
    """Remove a provider, the roles it gave, its links to people, and the sessions opened with it.

    Raises: ProviderNotFound; ProviderExists: it is kept in a file; LastAiOffice.
    """
    store.lock(session, "identity.providers")
    provider = get_provider(session, provider_id)
    _refuse_kept_in_file(provider)
    return _remove(session, actor, provider)


def apply_provider_file(session: Session, path: Path) -> tuple[IdentityProvider, ...]:
    """Make the providers that come from a file those that are in it now; raises Invalid naming the file.

    The file is YAML: ``providers`` with a list of the fields of ``ProviderConfig``.
    """
    store.lock(session, "identity.providers")
    configs = _read_file(path)
    known = {provider.id: provider for provider in store.providers(session)}
    for config in configs:
        _check(session, config)
        before = known.get(config.id)
        if before is None or before.source != "file" or _settings_of(before) != _settings_of(config):
            _put(session, SYSTEM, config, "file", "provider.changed" if before else "provider.added")
    named = {config.id for config in configs}
    for provider in known.values():
        if provider.source == "file" and provider.id not in named:
            _remove(session, SYSTEM, provider)
    return list_providers(session)


def try_provider(provider: IdentityProvider, settings: Settings) -> tuple[ProviderCheck, ...]:
    """Look at what a sign-in needs, without signing in: what is published, keys, PKCE, the secret."""
    metadata: list[oidc.Metadata] = []

    def published() -> str:
        metadata.append(oidc.discover(provider.issuer, fresh=True))
        return f"{provider.issuer} is published"

    def keys() -> str:
        found = oidc.read_keys(metadata[0].jwks_uri).keys
        return f"{len(found)} keys at {metadata[0].jwks_uri}"

    def secret() -> str:
        if provider.secret_name is None:
            return "a public client, without secret"
        read_secret(settings, provider.secret_name)
        return f"{provider.secret_name} is there"

    checks = [_looked("discovery", published)]
    if metadata:
        checks += [_looked("keys", keys), _challenge(metadata[0]), _logout(metadata[0])]
    return (*checks, _looked("secret", secret))


def _looked(name: str, look: Callable[[], str]) -> ProviderCheck:
    try:
        return ProviderCheck(name=name, is_good=True, message=look())
    except HeadwayError as error:
        return ProviderCheck(name=name, is_good=False, message=error.message)


def _challenge(metadata: oidc.Metadata) -> ProviderCheck:
    is_good = not metadata.challenge_methods or "S256" in metadata.challenge_methods
    told = "S256" if "S256" in metadata.challenge_methods else "not published; S256 is sent"
    return ProviderCheck(name="pkce", is_good=is_good, message=told if is_good else "the provider takes no S256")


def _logout(metadata: oidc.Metadata) -> ProviderCheck:
    told = metadata.end_session_endpoint or "none: signing out here leaves the session there"
    return ProviderCheck(name="sign-out", is_good=True, message=told)


def _check(session: Session, config: ProviderConfig) -> None:
    named = config.secret_name is None or bool(SECRET.fullmatch(config.secret_name))
    check_config(config, store.parents(session).keys(), is_secret_named=named)


def _put(
    session: Session, actor: Actor, config: ProviderConfig, source: store.ProviderSource, event: str
) -> IdentityProvider:
    store.put_provider(session, config, source=source, at=clock.now())
    payload = {**asdict(config), "source": source}
    ledger.record(session, actor=actor, type=event, subject=Ref("provider", config.id), payload=payload)
    return get_provider(session, config.id)


def _remove(session: Session, actor: Actor, provider: IdentityProvider) -> IdentityProvider:
    source = f"provider:{provider.id}"
    for held in store.roles(session, source=source, limit=100_000):
        revoke_role(session, actor, held.id)
    close_sessions_by(session, actor, source)
    store.remove_provider(session, provider.id)
    ledger.record(session, actor=actor, type="provider.removed", subject=Ref("provider", provider.id))
    return provider


def _refuse_kept_in_file(provider: IdentityProvider) -> None:
    if provider.source == "file":
        raise ProviderExists(
            f"{provider.id} is kept in the file of HEADWAY_OIDC_FILE", hint="change the file and restart"
        )


def _settings_of(provider: IdentityProvider | ProviderConfig) -> dict[str, object]:
    return {name: value for name, value in asdict(provider).items() if name not in ("source", "created_at")}


def _read_file(path: Path) -> list[ProviderConfig]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise Invalid(f"{path} cannot be read: {error}", hint="HEADWAY_OIDC_FILE names it") from error
    listed = found.get("providers") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise Invalid(f"{path} holds no list 'providers'", hint="see docs/how-to/sign-in-with-oidc.md")
    configs = [read_config(entry) for entry in listed]
    if len({config.id for config in configs}) < len(configs):
        raise Invalid(f"{path} holds an id twice")
    return configs
