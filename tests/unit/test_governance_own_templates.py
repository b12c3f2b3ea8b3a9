"""Templates that an organisation writes itself: read whole, or refused with every fault at once."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from headway.entrypoints.pages.assessment_templates import BEGINNING
from headway.governance.assessments import drafting
from headway.governance.assessments.adapters import templates


def source(**changed: object) -> dict[str, Any]:
    return {**yaml.safe_load(BEGINNING), **changed}


def faults(given: dict[str, Any]) -> set[str]:
    return {str(one.column) for one in drafting.template_faults(given, templates())}


def test_the_example_of_the_form_is_a_template() -> None:
    assert not faults(source())
    made = drafting.read(source())
    assert (made.id, made.seat, made.is_own, len(made.questions)) == ("procurement", "procurement", True, 4)
    assert made.questions[0].fact == "vendors" and made.questions[3].choices == ("none", "two", "three and more")


def test_templates_of_the_product_would_be_taken_too() -> None:
    for one in templates().values():
        assert not one.is_own
        assert drafting.NAME.fullmatch(one.id) and drafting.VERSION.fullmatch(one.version), one.id


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"id": "legal"}, "id"),
        ({"id": "Procurement"}, "id"),
        ({"id": None}, "id"),
        ({"version": 1.0}, "version"),
        ({"version": "1.0"}, "version"),
        ({"version": "01.0.0"}, "version"),
        ({"seat": "the buyers"}, "seat"),
        ({"title": " "}, "title"),
        ({"age_days": 0}, "age_days"),
        ({"age_days": True}, "age_days"),
        ({"due_when": "sys.nonsense ="}, "due_when"),
        ({"colour": "red"}, "colour"),
        ({"questions": []}, "questions"),
        ({"questions": "none"}, "questions"),
        ({"questions": ["why"]}, "questions[1]"),
        ({"questions": [{"id": "a", "text": "Why?"}] * 2}, "questions"),
        ({"questions": [{"id": "a", "text": "Why?", "kind": "date"}]}, "questions[1].kind"),
        ({"questions": [{"id": "a", "text": "Why?", "kind": "choice"}]}, "questions[1].choices"),
        ({"questions": [{"id": "a", "text": "Why?", "choices": ["b"]}]}, "questions[1].choices"),
        ({"questions": [{"id": "a", "text": "Why?", "kind": "choice", "choices": [False]}]}, "questions[1].choices"),
        ({"questions": [{"id": "a", "text": "Why?", "required": "no"}]}, "questions[1].required"),
        ({"questions": [{"id": "a", "text": "Why?", "weight": 3}]}, "questions[1].weight"),
        ({"questions": [{"id": "A b", "text": "Why?"}]}, "questions[1].id"),
        ({"questions": [{"id": "a"}]}, "questions[1].text"),
    ],
)
def test_each_fault_is_named_where_it_is(changed: dict[str, Any], column: str) -> None:
    assert faults(source(**changed)) == {column}


def test_all_faults_are_told_at_once() -> None:
    told = faults({"id": "legal", "questions": [{"id": "a", "text": ""}]})
    assert told == {
        "id", "version", "title", "seat", "source", "evidence", "due_when", "due_because", "not_due_because", "age_days",
        "questions[1].text",
    }  # fmt: skip


def test_versions_are_compared_as_numbers() -> None:
    assert drafting.newer("1.10.0", "1.9.9") and not drafting.newer("1.0.0", "1.0.0")
