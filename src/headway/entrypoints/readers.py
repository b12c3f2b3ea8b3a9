"""Who and what depends on a data product: models that learned from it, their deployments, and who is asked about its changes."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from headway import catalog, governance, registry, serving
from headway.catalog import access, changes
from headway.kernel.errors import NotFound
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.subjects import Reader


def readers_of(session: Session, product: str, people_of: Callable[[str], tuple[str, ...]]) -> tuple[Reader, ...]:
    """The newest version of each model that learned from a product, then deployments of their use cases that have not ended.

    Models of use cases that were retired are left out.

    Args: people_of: who answers for a use case.
    """
    newest: dict[str, tuple[int, str | None]] = {}
    for run in registry.list_runs(session, product=product, limit=MAX_LIMIT).items:
        if run.version > newest.get(run.model, (0, None))[0]:
            newest[run.model] = (run.version, run.usecase)
    cases = {usecase for _, usecase in newest.values() if usecase}
    gone = {one for one in cases if governance.get_usecase(session, one).retired_at is not None}
    people = {one: people_of(one) for one in cases - gone}
    models = [
        Reader(
            ref=f"model:{name}@{version}",
            title=f"{name} {version}",
            usecase=usecase,
            people=people.get(usecase or "", ()),
        )
        for name, (version, usecase) in sorted(newest.items())
        if usecase not in gone
    ]
    deployed = [
        Reader(
            ref=f"deployment:{one.environment}/{one.name}",
            title=f"{one.name} ({one.environment})",
            usecase=usecase,
            people=people[usecase],
        )
        for usecase in sorted(people)
        for one in serving.list_deployments(session, usecase=usecase, limit=MAX_LIMIT)[0]
        if one.state is not serving.DeploymentState.retired
        and one.version.partition(":")[2].partition("@")[0] in newest
    ]
    return tuple(models + deployed)


def asked_of(session: Session, ref: str) -> tuple[str, ...]:
    """Who is asked about a change of a contract, or may answer for one who is; nobody where there is none."""
    try:
        found = changes.get_change(session, ref.partition(":")[2])
    except NotFound:
        return ()
    named = [who for one in found.answers for who in (one.consumer, one.delegate) if who is not None]
    return tuple(dict.fromkeys(named))


def stewards_of(session: Session, access_id: str) -> tuple[str, ...]:
    """The steward of the product that somebody asks for, unless they ask themselves."""
    try:
        found = access.get_access(session, access_id)
    except NotFound:
        return ()
    steward = catalog.get_product(session, found.product).steward
    return () if steward is None or steward in (found.grantee, found.requested_by) else (steward,)
