"""Every action that an edge asks for is one that the rules know; otherwise it would be refused to everybody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import headway
from headway.identity import CedarAuthorizer
from headway.kernel.auth import Actor, Resource, RoleGrant

SOURCE = Path(headway.__file__).parent


def asked() -> Iterator[tuple[str, str]]:
    """Each action named in a call of ``permit(...)`` or ``check(actor, ...)``, with the file that names it."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = {"permit": 0, "check": 1}.get(name)
            if place is None or len(node.args) <= place:
                continue
            action = node.args[place]
            if isinstance(action, ast.Constant) and isinstance(action.value, str) and ":" in action.value:
                yield action.value, str(path.relative_to(SOURCE))


def test_edges_ask_for_actions_that_the_rules_know() -> None:
    found = list(asked())
    assert len(found) > 30
    office = Actor(
        ref="person:ada",
        name="Ada",
        roles=(RoleGrant(role="ai_office"), RoleGrant(role="department_head"), RoleGrant(role="sponsor")),
    )
    about = Resource(
        kind="x", id="x", attributes={"environment": "production", "requested_by": "person:bo", "owner": "person:ada"}
    )
    answers = {action: CedarAuthorizer().explain(office, action, about) for action, _ in found}
    unknown = [f"{path} asks {action}" for action, path in found if not answers[action].allowed]
    assert unknown == [], "add the action to policies/schema.cedarschema and to a rule"
