"""Decision rights: a draft that is worked on, adopted by one person, confirmed and signed by a sponsor, then part of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from headway import documents, identity, ledger
from headway.governance.errors import SamePerson
from headway.governance.mandates import rights, rights_file, store
from headway.governance.mandates.errors import RightsClosed, RightsInvalid, RightsUnknown
from headway.governance.mandates.holding import StepHeld
from headway.governance.mandates.rights import DecisionRights, RightsDraft, RightsRow
from headway.governance.mandates.service import holding
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.crypto import Signer, dsse_sign
from headway.kernel.errors import Fault, TooLarge
from headway.kernel.ids import Ref, new_id

RIGHTS_TYPE: Final = "application/vnd.headway.decision-rights+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsCheck:
    """What a draft would do: what is wrong with it, the Cedar it compiles to, and the steps that are weak in some department."""

    rows: tuple[RightsRow, ...]
    changed_by: str | None
    changed_at: datetime | None
    faults: tuple[Fault, ...]
    policies: str
    weak: tuple[StepHeld, ...]


def check_draft(session: Session) -> RightsCheck:
    """Read the draft with everything that is wrong with it and every step that would be weak; an empty one when nobody began."""
    found = _draft(session)
    wrong = _faults(session, found.rows) if found else []
    sound = found.rows if found and not wrong else ()
    weak = [one for one in holding.held_under(session, sound) if one.weaknesses and one.is_named] if sound else []
    return RightsCheck(
        rows=found.rows if found else (),
        changed_by=found.changed_by if found else None,
        changed_at=found.changed_at if found else None,
        faults=tuple(wrong),
        policies=rights.compiled(sound),
        weak=tuple(weak),
    )


def save_draft(session: Session, actor: Actor, rows: Sequence[RightsRow]) -> RightsCheck:
    """Write the draft anew; it may hold faults, which are told, since nothing of it counts. Raises Denied, RightsInvalid."""
    need_person(actor, "work on decision rights")
    if len(rows) > rights.MOST_ROWS:
        fault = Fault(rule="rights.rows", column="rows", message=f"a matrix has at most {rights.MOST_ROWS} rows")
        raise RightsInvalid(fault.message, faults=[fault])
    store.put_draft(session, rows, actor.ref, clock.now())
    payload = {"rows": [rights.plain(one) for one in rows]}
    ledger.record(session, actor=actor, type="rights.drafted", subject=Ref("rights", "draft"), payload=payload)
    return check_draft(session)


def adopt_rights(session: Session, actor: Actor, reason: str) -> DecisionRights:
    """Adopt the draft as a version; it counts once a sponsor, somebody else, has confirmed it.

    Raises: RightsInvalid with every fault; Denied when no person does it.
    """
    need_person(actor, "adopt decision rights")
    store.lock_rights(session)
    rows = getattr(_draft(session), "rows", ())
    if faults := [*_faults(session, rows), *rights.reason_faults(reason)]:
        raise RightsInvalid("; ".join(one.message for one in faults), faults=faults)
    version, said = store.next_rights_version(session), reason.strip()
    body = rights.body_of(version, rows, said)
    identity.refuse_bad_rules(str(body["policies"]))
    at = clock.now()
    values = {"id": new_id("drm"), **body, "digest": digest(body), "adopted_by": actor.ref, "adopted_at": at}
    store.add_rights(session, values)
    made = get_rights(session, version)
    _tell(session, actor, "rights.adopted", made)
    return made


def confirm_rights(session: Session, signer: Signer, actor: Actor, version: int, *, digest: str) -> DecisionRights:
    """Put a version in force as a sponsor: signed in a DSSE envelope, and part of the permission rules from the next request on.

    Args: digest: of what was read.
    Raises: RightsUnknown; RightsClosed: it was confirmed, or a later one was; SamePerson; RightsInvalid; Denied.
    """
    need_person(actor, "confirm decision rights")
    store.lock_rights(session)
    found = get_rights(session, version)
    if found.state != "waiting":
        raise RightsClosed(f"version {version} is {found.state.replace('_', ' ')}", values={"version": version})
    if found.adopted_by == actor.ref:
        raise SamePerson(
            f"{actor.name} adopted version {version} and cannot confirm it",
            hint="a sponsor, somebody else, must do it",
            values={"rule": "governance.two_people"},
        )
    if digest != found.digest:
        fault = Fault(rule="rights.digest", column="digest", value=digest, message="this is not what was adopted")
        raise RightsInvalid("what you read is not what was adopted; read it anew", faults=[fault])
    at = clock.now()
    envelope = dsse_sign(signer, RIGHTS_TYPE, _signed(found, actor, at))
    values = {"confirmed_by": actor.ref, "confirmed_at": at, "key_id": signer.key_id, "envelope": envelope}
    store.confirm_rights(session, found.id, values)
    identity.narrow(session, actor, source=rights_ref(version), policies=found.policies)
    made = get_rights(session, version)
    _tell(session, actor, "rights.confirmed", made)
    return made


def rows_of(filename: str, data: bytes) -> tuple[RightsRow, ...]:
    """Read the rows of a file.

    Raises: RightsInvalid with every fault; documents.SheetUnreadable: it is no such table; TooLarge.
    """
    if len(data) > rights_file.MOST_BYTES:
        raise TooLarge(f"a file of decision rights has at most {rights_file.MOST_BYTES:,} bytes")
    faults: list[Fault]
    if filename.lower().endswith((".yaml", ".yml")):
        rows, faults = rights_file.of_yaml(data)
    else:
        table = documents.read_table(data, rights_file.columns(), needed=("stage",))
        rows, faults = rights_file.of_table(table)
        faults += [
            Fault(rule="rights.column", column=one, message=f"there is no column {one!r}") for one in table.unknown
        ]
    if faults:
        raise RightsInvalid("; ".join(one.message for one in faults), faults=faults)
    return rows


def list_rights(session: Session) -> tuple[DecisionRights, ...]:
    """Read every version, newest first."""
    return store.all_rights(session)


def get_rights(session: Session, version: int) -> DecisionRights:
    """Read a version; raises RightsUnknown."""
    found = next((one for one in store.all_rights(session) if one.version == version), None)
    if found is None:
        raise RightsUnknown(f"no version {version} of the decision rights", values={"version": version})
    return found


def rights_in_force(session: Session) -> DecisionRights | None:
    """Read the version that counts; None: there is none, and the permission rules are as they come."""
    return store.rights_in_force(session)


def rights_envelope(session: Session, version: int) -> bytes:
    """Give a confirmed version as a DSSE envelope, to be checked without this system; raises RightsUnknown, RightsClosed."""
    get_rights(session, version)
    found = store.rights_envelope(session, version)
    if found is None:
        raise RightsClosed(f"version {version} was not confirmed", values={"version": version})
    return found


def rights_ref(version: int) -> Ref:
    """The reference of a version."""
    return Ref("rights", str(version))


def _draft(session: Session) -> RightsDraft | None:
    """The draft; where nobody began one, the version in force is what one begins with."""
    found, counting = store.get_draft(session), store.rights_in_force(session)
    if found is None and counting is not None:
        return RightsDraft(rows=counting.rows, changed_by=counting.adopted_by, changed_at=counting.adopted_at)
    return found


def _faults(session: Session, rows: Sequence[RightsRow]) -> list[Fault]:
    return rights.faults(rows, holding.able(), holding.known_seats())


def _signed(found: DecisionRights, actor: Actor, at: datetime) -> Mapping[str, object]:
    return {
        "decision_rights": rights.body_of(found.version, found.rows, found.reason),
        "digest": found.digest,
        "adopted_by": found.adopted_by,
        "confirmed_by": actor.ref,
        "confirmed_at": clock.iso(at),
    }


def _tell(session: Session, actor: Actor, event: str, found: DecisionRights) -> None:
    payload = {
        name: value for name, value in asdict(found).items() if name in ("version", "digest", "adopted_by", "reason")
    }
    payload |= {"rows": [rights.plain(one) for one in found.rows], "key_id": found.key_id}
    ledger.record(session, actor=actor, type=event, subject=rights_ref(found.version), payload=payload)
