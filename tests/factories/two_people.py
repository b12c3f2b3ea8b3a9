"""Releasing above the sandbox as two people do it, through the API."""

from __future__ import annotations

from typing import Any

from headway_client import Client
from tests.factories.running import Home

PASSWORD = "a long enough pass phrase for tests"


def second_person(home: Home) -> Client:
    """Invite somebody into the AI office, let them join, and give a client that acts as them."""
    with home.client() as client:
        invited = client.post("/people", {"name": "Grace Reviewer", "email": "grace@example.org"})
        client.post("/roles", {"principal": f"person:{invited['person']['id']}", "role": "ai_office"})
        token = client.post("/sessions/join", {"code": invited["code"], "password": PASSWORD})
    return Client(f"http://127.0.0.1:{home.environ['HEADWAY_PORT']}", token["secret"])


def complete_usecase(client: Client, slug: str) -> None:
    """Say what the file of a pilot cannot tell."""
    known = {
        "purpose": "call the leads first that are likeliest to convert",
        "owner": "person:local",
        "sponsor": "person:local",
        "people_affected": "leads of the sales department",
        "success_measure": "conversions per hundred calls against the hold-out",
    }
    client.patch(f"/usecases/{slug}", known)


def ask_release(home: Home, pilot: dict[str, Any], environment: str) -> dict[str, Any]:
    """The first person completes the use case and asks for the release."""
    with home.client() as client:
        complete_usecase(client, pilot["usecase"])
        version = f"model:{pilot['model']['name']}@{pilot['model']['version']}"
        return client.post("/releases", {"version": version, "environment": environment})


def released(home: Home, pilot: dict[str, Any], environment: str) -> str:
    """Release a pilot's version with two people, deploy it and grant its use; returns the token."""
    asked = ask_release(home, pilot, environment)
    with second_person(home) as reviewer:
        done = reviewer.post(f"/releases/{asked['id']}/approvals", {"reason": "evidence read, figures hold"})
        assert done["status"] == "released", done
    with home.client() as client:
        client.post(
            "/deployments",
            {
                "name": pilot["deployment"]["name"],
                "usecase": pilot["usecase"],
                "version": f"model:{pilot['model']['name']}@{pilot['model']['version']}",
                "environment": environment,
                "holdout_share": 0.1,
                "subject_field": "lead_id",
            },
        )
        grant = client.post("/grants", {"deployment": pilot["deployment"]["name"], "environment": environment})
    return str(grant["token"])
