"""Contracts as such: inferred from a file, held to the standardisation protocol, compared; nothing is kept."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from headway.catalog import contract as odcs
from headway.catalog import evolving, inference, profile, roles, standards
from headway.catalog.adapters import files
from headway.catalog.dictionary import NO_TERMS, parse_dictionary
from headway.catalog.entities import InferredContract
from headway.catalog.service.registering import slug_of
from headway.kernel import ids

_NO_ROLES = roles.AskedRoles(label=None, positive=None, time=None, subject=None, exclude=None)


def infer_contract(
    source: Path, filename: str, *, name: str | None = None, department: str | None = None
) -> InferredContract:
    """The contract that a file would get as the first one of a product, without a server and without roles.

    Args: name: of the table; default is the file's. department: owns the data; without it the contract names nobody.
    Raises: UnreadableFile.
    """
    table = name or Path(filename).stem
    with TemporaryDirectory(prefix="headway-") as folder:
        staged = files.stage(source, filename, Path(folder))
        profiles = profile.profile(pl.scan_parquet(staged.path), staged.kinds, staged.rows)
    origin = inference.Origin(
        slug=slug_of(department, table) if department else ids.slug(table),
        name=table,
        department=ids.slug(department) if department else "",
        filename=filename,
        location="",
    )
    made = inference.infer(profiles, roles.alone(_NO_ROLES, staged.kinds), origin, staged.read_as)
    unknown = {"servers"} if department else {"servers", "domain", "dataProduct", "team"}
    contract = {field: value for field, value in made.items() if field not in unknown} | {"status": "draft"}
    return InferredContract(contract=contract, yaml=odcs.to_yaml(contract), rows=staged.rows, notes=staged.notes)


def lint_contract(contract_text: str, dictionary_text: str | None = None) -> standards.LintReport:
    """Hold a contract (YAML or JSON) to the protocol and to a dictionary (YAML); raises InvalidContract, InvalidDictionary."""
    dictionary = NO_TERMS if dictionary_text is None else parse_dictionary(dictionary_text)
    return standards.lint(odcs.parse(contract_text), dictionary)


def diff_contracts(old_text: str, new_text: str) -> evolving.Difference:
    """Compare a contract with its successor, both YAML or JSON; raises InvalidContract."""
    return evolving.diff(odcs.parse(old_text), odcs.parse(new_text))
