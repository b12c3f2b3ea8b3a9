"""Ports are added, listed, given another rhythm and taken away. What stands in the settings was looked over before."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import store as catalog_store
from headway.catalog.connectors import specs, store
from headway.catalog.connectors.entities import InputPort, Part, PortKind, PortRun
from headway.catalog.connectors.errors import PortInvalid, PortsFeed, PortTaken, PortUnknown
from headway.catalog.errors import UnknownProduct
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref
from headway.kernel.paging import Page
from headway.kernel.settings import SECRET

UPLOAD = "upload"
"""Name of the port that holds the file which was uploaded before the product had ports."""


def naming_of(department: str) -> specs.Naming:
    """How secrets of a department are named."""
    return specs.Naming(department=department, is_name=lambda text: bool(SECRET.fullmatch(text)))


def add_port(
    session: Session,
    actor: Actor,
    product: str,
    *,
    name: str,
    kind: PortKind,
    settings: Mapping[str, str],
    every_minutes: int | None = None,
    keep_upload: bool = True,
) -> InputPort:
    """Add an input port to a product, or to one that the first run makes.

    Args:
        product: slug, department.name.
        settings: text by name; ``specs.FIELDS`` says which. Secrets are named, ``env:HEADWAY_SECRET_...`` or ``file:NAME``.
        every_minutes: rhythm in which it is read; None: by hand.
        keep_upload: rows of the file that was uploaded so far stay part of the product, as a port named ``upload``.
    Raises: PortInvalid with every fault; PortTaken.
    """
    department, slug = place_of(product)
    faults = specs.port_faults(name, every_minutes)
    if kind == UPLOAD:
        words = "a port of kind upload comes by itself, when a product with a file gets its first port"
        faults.append(Fault(rule="port.kind", column="kind", message=words))
    checked: dict[str, str] = {}
    try:
        checked = specs.checked(kind, settings, naming_of(department))
    except PortInvalid as error:
        faults += error.faults
    if faults:
        hint = "see the how-to about input ports for what each kind needs"
        raise PortInvalid(f"the port cannot be made: {faults[0].message}", faults=faults, hint=hint)
    catalog_store.lock(session, slug)
    known = store.ports(session, slug)
    if any(one.name == name for one in known):
        raise PortTaken(f"{slug} has an input port {name!r} already", hint="take another name, or remove that one")
    if not known and keep_upload:
        _keep_upload(session, actor, slug)
    made = _port(actor, slug, name=name, kind=kind, settings=checked, every_minutes=every_minutes)
    store.add_port(session, made)
    _record(session, actor, "port.added", made, {"kind": kind, "every_minutes": every_minutes})
    return made


def get_port(session: Session, product: str, name: str) -> InputPort:
    """A port of a product; raises PortUnknown."""
    found = store.port(session, product, name)
    if found is None:
        hint = "headway product port list shows those there are"
        raise PortUnknown(f"{product} has no input port {name!r}", hint=hint)
    return found


def list_ports(session: Session, product: str) -> tuple[InputPort, ...]:
    """The ports of a product in the order of its rows; raises UnknownProduct where there is neither product nor port."""
    found = store.ports(session, product)
    if not found and catalog_store.product(session, product) is None:
        raise UnknownProduct(f"there is no data product {product!r}")
    return found


def list_runs(
    session: Session, product: str, port: str | None = None, *, limit: int = 50, cursor: str | None = None
) -> Page[PortRun]:
    """The runs of a product, or of one of its ports, newest first."""
    return store.runs(session, product, port, limit=limit, cursor=cursor)


def change_rhythm(session: Session, actor: Actor, product: str, name: str, every_minutes: int | None) -> InputPort:
    """Read a port in another rhythm, or by hand (None); raises PortUnknown, PortInvalid."""
    found = get_port(session, product, name)
    if faults := [one for one in specs.port_faults("any", every_minutes) if one.column == "every_minutes"]:
        raise PortInvalid(faults[0].message, faults=faults)
    if found.kind == UPLOAD:
        raise PortInvalid("an uploaded file has no rhythm", hint="add a port that reads the source instead")
    store.change_port(session, found.id, {"every_minutes": every_minutes, "next_at": _first(every_minutes)})
    _record(session, actor, "port.changed", found, {"every_minutes": every_minutes})
    return get_port(session, product, name)


def remove_port(session: Session, actor: Actor, product: str, name: str) -> InputPort:
    """Take a port away; its rows go with the next run of another port, every snapshot stays. Raises PortUnknown."""
    found = get_port(session, product, name)
    store.remove_port(session, found.id)
    _record(session, actor, "port.removed", found, {"kind": found.kind})
    return found


def refuse_upload(session: Session, product: str) -> None:
    """Refuse a file for a product whose rows come from ports: the next run would replace it. Raises PortsFeed."""
    if any(one.kind != UPLOAD for one in store.ports(session, product)):
        hint = "put the file where a port of kind files or folder reads it, or remove the ports first"
        raise PortsFeed(f"the rows of {product} come from its input ports", hint=hint)


def _record(session: Session, actor: Actor, type: str, port: InputPort, payload: Mapping[str, object]) -> None:
    """Leave an entry about a port in the ledger, on its product, or its department while the first run has not made that.

    Settings are not told, for they name machines.
    """
    told = {"port": port.name, "port_id": port.id, **payload}
    is_there = catalog_store.product(session, port.product) is not None
    subject = Ref("product", port.product) if is_there else Ref("department", port.department)
    ledger.record(session, actor=actor, type=type, subject=subject, payload=told)


def tell_read(session: Session, actor: Actor, port: InputPort, payload: Mapping[str, object]) -> None:
    """Leave an entry that a port was read and what came of it."""
    _record(session, actor, "port.read", port, payload)


def tell_failed(session: Session, actor: Actor, port: InputPort, payload: Mapping[str, object]) -> None:
    """Leave an entry that a port could not be read."""
    _record(session, actor, "port.failed", port, payload)


def place_of(product: str) -> tuple[str, str]:
    """Department and slug of a product by its name, department.name; raises PortInvalid."""
    department, dot, name = product.partition(".")
    if not dot or not name.strip():
        message = "a product is named department.name, as sales.leads"
        raise PortInvalid(message, faults=[Fault(rule="port.product", column="product", message=message)])
    return ids.slug(department), f"{ids.slug(department)}.{ids.slug(name)}"


def _first(every_minutes: int | None) -> object:
    return None if every_minutes is None else clock.now()


def _port(
    actor: Actor, slug: str, *, name: str, kind: PortKind, settings: Mapping[str, str], every_minutes: int | None
) -> InputPort:
    now = clock.now()
    department, _, product_name = slug.partition(".")
    return InputPort(
        id=ids.new_id("prt"),
        product=slug,
        department=department,
        product_name=product_name,
        name=name,
        kind=kind,
        settings=dict(settings),
        every_minutes=every_minutes,
        next_at=None if every_minutes is None else now,
        cursor=None,
        taken=0,
        part=None,
        last_run=None,
        created_by=actor.ref,
        created_at=now,
    )


def _keep_upload(session: Session, actor: Actor, slug: str) -> None:
    """Let the file that was uploaded so far be the first port."""
    known = catalog_store.product(session, slug)
    if known is None or known.snapshot_id is None:
        return
    snapshot = catalog_store.snapshot(session, known.snapshot_id)
    if snapshot is None:
        return
    part = Part(key=snapshot.file_key, digest=snapshot.file_digest, filename=snapshot.filename, rows=snapshot.rows)
    made = _port(actor, slug, name=UPLOAD, kind="upload", settings={}, every_minutes=None)
    store.add_port(session, made)
    store.change_port(session, made.id, {"part": part})
