"""Reading models and versions; moving aliases."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from headway import governance, ledger, runtime
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.storage import Storage
from headway.registry import card, store
from headway.registry.entities import Model, ModelVersion
from headway.registry.errors import UnknownModel

_ALIAS = re.compile(r"^[a-z][a-z0-9-]{0,62}$")


def get_model(session: Session, name: str) -> Model:
    """Read a model; raises UnknownModel."""
    found = store.get_model(session, name)
    if found is None:
        raise UnknownModel(
            f"no model {name!r}", hint="'headway model list' names those there are", values={"model": name}
        )
    return found


def list_models(
    session: Session,
    *,
    usecase: str | None = None,
    department: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Model]:
    """Read models by name."""
    within = governance.names_in(session, department) if department else None
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_models(session, after=cursor, limit=limit + 1, usecase=usecase, within=within)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].name if len(found) > limit else None)


def list_versions(session: Session, name: str, *, limit: int = 50, cursor: str | None = None) -> Page[ModelVersion]:
    """Read the versions of a model, newest first."""
    get_model(session, name)
    if cursor is not None and not cursor.isdigit():
        raise Invalid(f"{cursor!r} is no cursor of versions")
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_versions(session, name, below=int(cursor) if cursor else None, limit=limit + 1)
    return Page(items=tuple(found[:limit]), next=str(found[limit - 1].version) if len(found) > limit else None)


def get_version(session: Session, ref: Ref | str) -> ModelVersion:
    """Read a version by ``model:name@N``; ``model:name`` gives the newest, ``model:name@sha256-...`` that of a bundle.

    Raises: UnknownModel: no such model or version. Invalid: the reference names no model.
    """
    wanted = ref if isinstance(ref, Ref) else Ref.parse(ref)
    if wanted.kind != "model":
        raise Invalid(f"{wanted} is not a model", hint="write model:name@3")
    if wanted.mark is None:
        number = get_model(session, wanted.slug).latest
        found = store.get_version(session, wanted.slug, number) if number else None
    elif wanted.version is None:
        found = store.version_by_digest(session, wanted.mark)
        found = found if found and found.model == wanted.slug else None
    else:
        found = store.get_version(session, wanted.slug, wanted.version)
    if found is None:
        raise UnknownModel(
            f"no version {wanted}",
            hint=f"'headway model show {wanted.slug}' names those there are",
            values={"ref": str(wanted)},
        )
    return found


def find_version(session: Session, digest: str) -> ModelVersion | None:
    """Read the version whose bundle has this subject, or None."""
    return store.version_by_digest(session, digest)


def read_card(session: Session, storage: Storage, ref: Ref | str) -> str:
    """Read the model card of a version as Markdown, from its bundle."""
    version = get_version(session, ref)
    return storage.get(runtime.object_key(version.digest, card.CARD_TEXT_FILE)).decode()


def clear_suspect(
    session: Session, actor: Actor, *, version: Ref | str, column: str, reason: str
) -> governance.Evidence:
    """Let a person say why a suspicious column may stay in a version; see ``governance.clear_suspect``."""
    found = get_version(session, version)
    return governance.clear_suspect(
        session, actor, subject=Ref.parse(found.ref), subject_digest=found.digest, column=column, reason=reason
    )


def set_alias(session: Session, actor: Actor, *, model: str, alias: str, version: int) -> Model:
    """Point an alias, for example ``champion``, at a version. It names; it never releases."""
    if not _ALIAS.match(alias):
        raise Invalid(
            f"{alias!r} cannot be an alias", hint="write lower-case letters, digits and hyphens, a letter first"
        )
    found = get_version(session, Ref("model", model, str(version)))
    before = store.alias_version(session, model, alias)
    store.set_alias(session, model=model, alias=alias, version=version, set_by=actor.ref, at=clock.now())
    payload = {"alias": alias, "version": version, "before": before, "digest": found.digest}
    ledger.record(session, actor=actor, type="model.alias_moved", subject=Ref("model", model), payload=payload)
    return get_model(session, model)
