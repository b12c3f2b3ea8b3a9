"""The inventory out into a spreadsheet or YAML and back, with a look at the differences before anything changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy.orm import Session

from headway import documents, identity, ledger
from headway.documents import ImportPreview, RowChange, Sheet, Told, differences
from headway.governance import adapters, importing, likeness, mandates, policy, store, yamlfile
from headway.governance.entities import FactValue, UseCase
from headway.governance.errors import ImportChanged, ImportRefused
from headway.governance.importing import FIELDS, RISK, Language
from headway.governance.service.covering import asked_facts
from headway.governance.service.finding import find_usecases
from headway.governance.service.packs import list_packs
from headway.governance.service.usecases import classify, open_usecase, update_usecase
from headway.kernel import staging
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.staging import StagedFile
from headway.kernel.storage import Storage

KIND: Final = "usecases"
MOST_TWINS: Final = 3
TITLES: Final[Mapping[Language, str]] = {"en": "Use cases", "de": "KI-Anwendungen"}
LIMITS: Final = documents.Limits(rows=importing.MOST_ROWS)


def usecase_sheet(session: Session, asked: ListQuery, language: Language = "en") -> Sheet:
    """Write the use cases that were asked for, all pages of them, as a sheet that can be changed and sent back."""
    definitions = policy.fact_definitions(list_packs(session))
    columns = (*_columns(session, language), *importing.told_columns(language))
    rows = importing.rows(_cases(session, asked), definitions, language)
    return Sheet(title=TITLES[language], columns=columns, rows=rows)


def _cases(session: Session, asked: ListQuery) -> list[UseCase]:
    cases: list[UseCase] = []
    for offset in range(0, LARGEST_PAGE * 10 + 1, LARGEST_PAGE):
        page = find_usecases(session, _page(asked, offset))
        cases += page.items
        if len(page.items) < LARGEST_PAGE:
            break
    return cases


def usecase_yaml(session: Session, asked: ListQuery) -> str:
    """Write the use cases that were asked for, all pages of them, as YAML that can be changed and sent back."""
    return yamlfile.write(_cases(session, asked))


def usecase_template(session: Session, language: Language = "en") -> Sheet:
    """Give an empty sheet to fill in, with the risk facts that some rule or control reads."""
    columns = importing.columns(asked_facts(session), _places(session), language)
    return Sheet(title=TITLES[language], columns=columns, rows=())


def stage_import(session: Session, storage: Storage, actor: Actor, *, filename: str, data: bytes) -> ImportPreview:
    """Keep a file with use cases for a day, and tell what it would change.

    Raises: documents.SheetUnreadable: it is no such table; then nothing is kept.
    """
    _read(session, filename, data)
    staged = staging.stage(session, storage, actor, kind=KIND, filename=filename, data=data)
    return _preview(session, staged, data)


def get_import(session: Session, storage: Storage, actor: Actor, import_id: str) -> ImportPreview:
    """Tell anew what a file would change, or what applying it did. Raises staging.StagedFileUnknown."""
    staged = staging.get(session, actor, kind=KIND, staged_id=import_id)
    return (
        differences.outcome(staged) if staged.applied_at else _preview(session, staged, staging.read(storage, staged))
    )


def apply_import(
    session: Session, storage: Storage, actor: Actor, import_id: str, *, preview_digest: str
) -> ImportPreview:
    """Do what a preview told: every row or none.

    Args: preview_digest: of the preview that somebody looked at.
    Raises: ImportChanged: the inventory changed since, so that the file would do something else; mandates.IntakeClosed;
        ImportRefused with every cell that is wrong; staging.StagedFileUnknown, staging.StagedFileApplied.
    """
    staged = staging.get(session, actor, kind=KIND, staged_id=import_id, lock=True)
    data = staging.read(storage, staged)
    store.lock_inventory(session)
    preview = _preview(session, staged, data)
    if preview.faults:
        _refuse_closed(session, preview)
        faults = differences.fixable(preview)
        raise ImportRefused(f"{len(faults)} cells have to be corrected first", faults=faults)
    if preview.digest != preview_digest:
        raise ImportChanged(
            "the inventory changed since this file was looked at",
            hint="look at the differences again, then apply",
            values={"import": staged.id, "digest": preview.digest},
        )
    for change in preview.changes:
        _apply(session, actor, change)
    done = differences.summary(preview.changes, preview.unchanged)
    payload = {"kind": KIND, "file": staged.filename, "file_digest": staged.digest, **asdict(done)}
    ledger.record(session, actor=actor, type="import.applied", subject=Ref("import", staged.id), payload=payload)
    return differences.outcome(staging.applied(session, staged, asdict(done)))


def _refuse_closed(session: Session, preview: ImportPreview) -> None:
    """A department that takes nothing in is a refusal that the ledger hears of, not only a wrong cell."""
    closed = mandates.closed_intake(session)
    for fault in preview.faults:
        if fault.column == "department" and fault.value in closed:
            mandates.refuse_closed(session, fault.value)


def import_scope(session: Session, preview: ImportPreview) -> tuple[tuple[str, str], ...]:
    """Name the actions that applying a preview needs, each with its department."""
    there = store.usecase_departments(session)
    needed = set()
    for change in preview.changes:
        wanted = next((str(one.after) for one in change.fields if one.field == "department" and one.after), None)
        if change.change == "changed":
            needed.add(("usecase:update", there[change.key]))
        if wanted is not None:
            needed.add(("usecase:open" if change.change == "added" else "usecase:update", wanted))
    return tuple(sorted(needed))


def _columns(session: Session, language: Language = "en") -> tuple[documents.SheetColumn, ...]:
    return importing.columns(policy.fact_definitions(list_packs(session)), _places(session), language)


def _places(session: Session) -> list[str]:
    return [department.slug for department in identity.list_departments(session)]


def _page(asked: ListQuery, offset: int) -> ListQuery:
    return ListQuery(
        search=asked.search,
        filters=asked.filters,
        sort=asked.sort,
        descending=asked.descending,
        offset=offset,
        limit=LARGEST_PAGE,
        within=asked.within,
    )


def _preview(session: Session, staged: StagedFile, data: bytes) -> ImportPreview:
    definitions = policy.fact_definitions(list_packs(session))
    places = [department.slug for department in identity.list_departments(session)]
    table = _read(session, staged.filename, data)
    there = {case.slug: case for case in store.every_usecase(session)}
    wanted, faults = importing.wanted(table, definitions, there, places, closed=mandates.closed_intake(session))
    before = {(importing.TABLE, slug): importing.known(case) for slug, case in there.items()}
    changes, unchanged = differences.compare(before, wanted)
    notes = (*table.notes, *_twins(there.values(), changes))
    reading = differences.Reading(faults=faults, unknown=table.unknown, notes=notes)
    return differences.preview(staged, changes, unchanged, reading)


def _read(session: Session, filename: str, data: bytes) -> documents.ReadTable:
    definitions = policy.fact_definitions(list_packs(session))
    if yamlfile.is_yaml(filename):
        return yamlfile.read(data, definitions)
    columns = importing.columns(definitions)  # without departments as choices: a wrong one is told in better words
    return documents.read_table(data, (*columns, *importing.told_columns()), limits=LIMITS)


def _twins(there: Iterable[UseCase], changes: Sequence[RowChange]) -> list[str]:
    """Name new rows that are very like an entry that is there, or like another row of the file."""
    told = [
        (case.title, case.slug, likeness.Words(title=case.title, purpose=case.purpose))
        for case in there
        if case.retired_at is None
    ]
    count = len(told)
    rows = [change for change in changes if change.change == "added"]
    for change in rows:
        purpose = next((str(one.after) for one in change.fields if one.field == "purpose" and one.after), None)
        told.append((change.title, f"row {change.row}", likeness.Words(title=change.title, purpose=purpose)))
    shelf = likeness.Shelf(adapters.proposal_reader(), [words for _, _, words in told])
    found = []
    for at, change in enumerate(rows, count):
        like = [one for one in shelf.near(told[at][2]) if one.score >= likeness.TWIN and one.place < at]
        found += [
            f"row {change.row}, {change.title!r}, is very like {told[one.place][0]!r} ({told[one.place][1]}): "
            f"both say {', '.join(one.shared[:6])}"
            for one in like[:MOST_TWINS]
        ]
    return found


def _apply(session: Session, actor: Actor, change: RowChange) -> None:
    after = {one.field: one.after for one in change.fields}
    risk = {name.removeprefix(RISK): _fact(value) for name, value in after.items() if name.startswith(RISK)}
    said = {name: str(value) if value is not None else None for name, value in after.items() if name in FIELDS}
    if change.change == "changed":
        update_usecase(session, actor, change.key, changes=said, risk=risk)
        return
    title, department = str(said.pop("title", None) or ""), str(said.pop("department", None) or "")
    open_usecase(session, actor, slug=change.key, title=title, department=department, risk=risk, **said)
    classify(session, actor, change.key)


def _fact(value: Told) -> FactValue:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
