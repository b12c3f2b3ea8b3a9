"""The inventory out and back: differences before anything changes, every fault by its cell, all rows or none."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from headway import documents, governance, identity, ledger
from headway.documents import About, ImportPreview
from headway.governance import importing
from headway.kernel import clock, staging
from headway.kernel.clock import FixedClock
from headway.kernel.errors import NotFound
from headway.kernel.ids import Ref
from headway.kernel.listing import ListQuery
from headway.kernel.storage import Storage
from tests.factories.dose import examples
from tests.factories.governance import ANA, BEN, open_usecase

ABOUT = About(by="Ana", at=datetime(2026, 3, 2, tzinfo=UTC), source="https://headway.example")


@pytest.fixture(autouse=True)
def today(fixed_clock: FixedClock) -> Iterator[FixedClock]:
    yield fixed_clock


@pytest.fixture
def send(session: Session, storage: Storage) -> Any:
    identity.ensure_department(session, ANA, "sales")
    identity.ensure_department(session, ANA, "hr")

    def stage(data: bytes | str) -> ImportPreview:
        told = data.encode() if isinstance(data, str) else data
        return governance.stage_import(session, storage, ANA, filename="cases.csv", data=told)

    return stage


def exported(session: Session, language: Any = "en") -> bytes:
    sheet = governance.usecase_sheet(session, ListQuery(), language)
    return documents.write_xlsx([sheet], replace(ABOUT, language=language))


def test_a_file_tells_what_it_would_change_and_then_does_it(session: Session, storage: Storage, send: Any) -> None:
    before = open_usecase(session)
    preview = send(
        "Name,Title,Department,Owner,Risk: profiling,Risk: annex iii,Colour\n"
        "lead-scoring,Lead scoring,sales,Ben Brown,,4a; 4b,red\n"
        ",Churn forecast,hr,Olga,yes,none,blue\n"
    )
    assert preview.faults == ()
    assert preview.unknown_columns == ("G1 'Colour'",)
    changed, added = preview.changes
    assert (changed.change, changed.key, changed.row) == ("changed", "lead-scoring", 2)
    assert [(f.field, f.before, f.after) for f in changed.fields] == [
        ("owner", "Olga Owner", "Ben Brown"),
        ("risk.annex_iii", [], ["4a", "4b"]),
        ("risk.profiling", True, None),
    ]
    assert (added.change, added.key, added.title) == ("added", "churn-forecast", "Churn forecast")
    assert governance.get_usecase(session, "lead-scoring") == before, "a look changes nothing"

    done = governance.apply_import(session, storage, ANA, preview.id, preview_digest=preview.digest)
    assert done.applied == documents.Summary(added=1, changed=1, unchanged=0)
    after = governance.get_usecase(session, "lead-scoring")
    assert (after.owner, after.risk["annex_iii"], "profiling" in after.risk) == ("Ben Brown", ["4a", "4b"], False)
    assert (after.purpose, after.sponsor) == (before.purpose, before.sponsor), "columns that are not there say nothing"
    new = governance.get_usecase(session, "churn-forecast")
    assert (new.department, new.risk) == ("hr", {"profiling": True, "annex_iii": []})
    types = [event.type for event in ledger.find(session, actor=ANA.ref).items]
    assert types[:1] == ["import.applied"]
    assert {"usecase.opened", "usecase.updated", "tier.decided"} <= set(types)
    [entry] = ledger.find(session, subject=Ref("import", preview.id)).items
    assert entry.payload is not None and (entry.payload["added"], entry.payload["changed"]) == (1, 1)
    with pytest.raises(staging.StagedFileApplied):
        governance.apply_import(session, storage, ANA, preview.id, preview_digest=preview.digest)
    assert governance.get_import(session, storage, ANA, preview.id) == done


def test_every_wrong_cell_is_told_with_its_address_and_nothing_is_done(
    session: Session, storage: Storage, send: Any
) -> None:
    open_usecase(session)
    preview = send(
        "Name;Titel;Abteilung;annex_iii;profiling;jurisdictions\n"
        "Not A Slug;;mars;9z;perhaps;EU\n"
        "lead-scoring;Lead scoring;sales;none;ja;EU, US\n"
        "lead-scoring;Again;sales;none;nein;EU\n"
        ";Lead scoring;sales;;;\n"
    )
    assert [(fault.cell, fault.column) for fault in preview.faults] == [
        ("E2", "risk.profiling"),
        ("B2", "title"),
        ("A2", "slug"),
        ("D2", "risk.annex_iii"),
        ("C2", "department"),
        ("A5", "slug"),
        ("A4", None),
        ("A5", None),
    ]
    with pytest.raises(governance.ImportRefused) as caught:
        governance.apply_import(session, storage, ANA, preview.id, preview_digest=preview.digest)
    assert [fault.column for fault in caught.value.faults] == [fault.cell for fault in preview.faults]
    assert governance.list_usecases(session).items == (governance.get_usecase(session, "lead-scoring"),)


def test_what_changed_in_between_has_to_be_looked_at_again(session: Session, storage: Storage, send: Any) -> None:
    open_usecase(session)
    preview = send("slug,owner\nlead-scoring,Ben\n")
    governance.update_usecase(session, BEN, "lead-scoring", changes={"owner": "Cleo"})
    with pytest.raises(governance.ImportChanged) as caught:
        governance.apply_import(session, storage, ANA, preview.id, preview_digest=preview.digest)
    again = governance.get_import(session, storage, ANA, preview.id)
    assert again.digest == caught.value.values["digest"] != preview.digest
    assert [(f.before, f.after) for f in again.changes[0].fields] == [("Cleo", "Ben")]
    governance.update_usecase(session, BEN, "lead-scoring", changes={"sponsor": "Sue"})
    governance.apply_import(session, storage, ANA, preview.id, preview_digest=again.digest)
    assert governance.get_usecase(session, "lead-scoring").owner == "Ben"


def test_a_file_waits_for_a_day_for_who_sent_it(
    session: Session, storage: Storage, send: Any, today: FixedClock
) -> None:
    open_usecase(session)
    preview, other = send("slug,owner\nlead-scoring,Ben\n"), send("slug,owner\nlead-scoring,Cleo\n")
    with pytest.raises(NotFound):
        governance.get_import(session, storage, BEN, preview.id)
    governance.apply_import(session, storage, ANA, other.id, preview_digest=other.digest)
    assert staging.sweep(session, storage) == 1, "the bytes of what was applied are not kept"
    storage.create("staged/imp_junk", b"left by a request that failed")
    with clock.fixed(today.at + timedelta(hours=25)):
        with pytest.raises(NotFound):
            governance.get_import(session, storage, ANA, preview.id)
        assert staging.sweep(session, storage) == 2
        assert governance.get_import(session, storage, ANA, other.id).applied is not None
    assert list(storage.list("staged")) == []


def test_what_is_no_table_is_refused_and_not_kept(session: Session, storage: Storage, send: Any) -> None:
    with pytest.raises(documents.SheetUnreadable):
        send(b"%PDF-1.7")
    assert list(storage.list("staged")) == []


def test_the_template_offers_departments_and_answers_and_is_no_change(session: Session, send: Any) -> None:
    sheet = governance.usecase_template(session, "de")
    data = documents.write_xlsx([sheet], replace(ABOUT, language="de"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    headers = [cell.value for cell in book.worksheets[0][1]]
    assert headers[:4] == ["Kurzname", "Titel", "Abteilung", "Lösung"]
    assert "Risiko: personal data" in headers
    offered = {tuple(cell.value for cell in column if cell.value) for column in book["Choices"].columns}
    assert {("ja", "nein"), tuple(d.slug for d in identity.list_departments(session))} <= offered
    assert send(data).changes == ()


TEXTS = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffe\uffff"), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
ITEMS = st.lists(TEXTS, max_size=3)


@given(
    texts=st.lists(TEXTS | st.sampled_from(["=1+1", "'quoted", "-5", "none", "@x"]), min_size=6, max_size=6),
    places=ITEMS | st.sampled_from([["none"], ["keine"], ["a, b", 'c"d'], ["4a", "5b"]]),
    said=st.booleans(),
    language=st.sampled_from(["en", "de"]),
)
@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_sent_back_changes_nothing(
    *, session: Session, send: Any, texts: list[str], places: list[str], said: bool, language: Any
) -> None:
    with session.begin_nested() as inner:
        names = ("title", "purpose", "owner", "sponsor", "success_measure", "people_affected")
        risk = {"jurisdictions": places, "profiling": said, "annex_iii": ["4a", "5b"], "prohibited_hits": []}
        open_usecase(session, risk=risk, **dict(zip(names, texts, strict=True)))
        open_usecase(session, slug="bare", complete=False, risk={})
        for data in (
            exported(session, language),
            documents.write_csv(governance.usecase_sheet(session, ListQuery(), language)),
        ):
            preview = send(data)
            assert (preview.faults, preview.changes, preview.unchanged) == ((), (), 2)
        inner.rollback()


@given(ITEMS)
def test_a_list_in_a_cell_reads_back(items: list[str]) -> None:
    assert importing.read_list(importing.write_list(items)) == items
