"""The contract of a product: seen as a table and as YAML, changed in a draft that is looked at, and proposed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import access, changes, versions
from headway.catalog.changes import ColumnEdit, ContractCheck
from headway.entrypoints.pages.contract_words import CHANGES, LEVELS, STATES
from headway.entrypoints.pages.data_access import day_of
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
SHOWN = 20
_FLAGS = {"yes": True, "no": False}


@router.get("/products/{slug}/contract")
def show_contract(slug: str, viewer: CurrentViewer, tx: Tx, column: str = "") -> Response:
    """The contract in force, its versions and changes; for who may change it, a draft to work on."""
    product = catalog.get_product(tx, slug)
    viewer.permit("product:read", access.about_product(product))
    until = clock.now().date() + timedelta(days=changes.USUAL_NOTICE)
    form = Form.filled(
        {
            "contract": catalog.to_yaml(changes.base_of(tx, product)),
            "column": column,
            "answer_by": until.isoformat(),
            "keep_days": changes.USUAL_KEPT,
        }
    )
    return _page(viewer, tx, product, form)


@router.post("/products/{slug}/contract")
def work_on_draft(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Look at the draft, write the fields of one column into it, or propose it; nothing is kept before that."""
    product, form = catalog.get_product(tx, slug), Form.of(data)
    viewer.permit("product:update", access.about_product(product))
    if form.text("do") == "propose":
        return _propose(viewer, tx, product, form)
    if form.text("do") == "column":
        try:
            draft = changes.draft_of(tx, product.slug, _draft(form), [_edit(viewer, form)])
        except HeadwayError as error:
            return _page(viewer, tx, product, form.take(error), status=error.status)
        form = Form({**form.values, "contract": [draft]})
    found = changes.check_proposal(tx, viewer.actor, changes.means_of(viewer.parts), product.slug, _draft(form))
    return _page(viewer, tx, product, form, check=found)


def _propose(viewer: Viewer, tx: Session, product: catalog.DataProduct, form: Form) -> Response:
    """Propose the draft: it takes effect at once, or its consumers are asked."""
    try:
        with tx.begin_nested():
            made = changes.propose(
                tx,
                viewer.actor,
                changes.means_of(viewer.parts),
                product=product.slug,
                text=_draft(form),
                reason=form.text("reason"),
                answer_by=_day(viewer, form),
                keep_days=_days(viewer, form),
            )
    except HeadwayError as error:
        return _page(viewer, tx, product, form.take(error), status=error.status)
    if made.effective_at is not None:
        return viewer.go(f"/contract-changes/{made.id}", viewer.gettext("It is in force"))
    return viewer.go(f"/contract-changes/{made.id}", viewer.gettext("Proposed. Its consumers are asked now"))


def _draft(form: Form) -> str:
    """The text as it was typed; fields of forms end lines with CR LF."""
    return (form.values.get("contract") or [""])[-1].replace("\r\n", "\n")


def _edit(viewer: Viewer, form: Form) -> ColumnEdit:
    share = form.maybe("missing_percent")
    try:
        missing = float(share.replace(",", ".")) if share else None
    except ValueError as error:
        message = viewer.gettext("Write a number from 0 to 100")
        fault = Fault(rule="contract.column", column="missing_percent", message=message)
        raise Invalid(message, faults=[fault]) from error
    return ColumnEdit(
        column=form.text("column"),
        description=form.maybe("description"),
        required=_FLAGS.get(form.text("required")),
        unique=_FLAGS.get(form.text("unique")),
        classification=form.maybe("classification"),
        missing_percent=missing,
    )


def _day(viewer: Viewer, form: Form) -> date | None:
    return day_of(viewer, form.text("answer_by"), "answer_by") if form.maybe("answer_by") else None


def _days(viewer: Viewer, form: Form) -> int:
    text = form.text("keep_days")
    if text.isdigit():
        return int(text)
    message = viewer.gettext("Write a number of days")
    raise Invalid(message, faults=[Fault(rule="change.keep_days", column="keep_days", value=text, message=message)])


def _page(
    viewer: Viewer,
    session: Session,
    product: catalog.DataProduct,
    form: Form,
    *,
    check: ContractCheck | None = None,
    status: int = 200,
) -> Response:
    known = changes.list_changes(session, product.slug, limit=SHOWN).items
    contract = changes.base_of(session, product)
    return viewer.page(
        "contracts/contract.html",
        status=status,
        title=viewer.gettext("Contract of %(product)s", product=product.name),
        crumbs=[(viewer.gettext("Data products"), "/products"), (product.name, f"/products/{product.slug}")],
        product=product,
        form=form,
        check=check,
        rows=_rows(contract),
        yaml=catalog.to_yaml(contract),
        version=str(contract.get("version", "")),
        is_awaited=contract.get("version") != product.contract_version,
        versions=versions.list_versions(session, product.slug),
        changes=known,
        is_open=any(one.effective_at is None and one.withdrawn_at is None for one in known),
        people=names(session, [one.proposed_by for one in known]),
        may_change=viewer.may("product:update", access.about_product(product)),
        classifications=[(one, one) for one in changes.CLASSIFICATIONS],
        columns=[(one.name, one.name) for one in catalog.properties_of(contract)],
        yes_no=[("yes", viewer.gettext("yes")), ("no", viewer.gettext("no"))],
        levels=LEVELS,
        change_states=CHANGES,
        states=STATES,
        today=clock.now().date(),
    )


def _rows(contract: dict[str, object]) -> list[dict[str, Any]]:
    """The table of columns: what a reader of the contract asks first."""
    return [
        {
            "name": one.name,
            "kind": catalog.kind_of(one),
            "description": one.description,
            "required": bool(one.required or one.primaryKey),
            "unique": bool(one.unique or one.primaryKey),
            "classification": one.classification,
            "missing_percent": changes.missing_percent_of(one),
        }
        for one in catalog.properties_of(contract)
    ]
