"""Pages of models: versions with their figures, aliases, clearing a suspicious column, training again, runs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from fastapi import FastAPI

from headway import governance, registry
from headway.identity import Role
from headway.kernel.web import Parts
from headway.registry.entities import TrainedModel
from headway.registry.train import fit_model
from tests.factories.governance import ANA, open_usecase
from tests.factories.pages import Browser, application, form_of, signed_in, text_of
from tests.factories.training import CODE, contract, leads, spec

VERSION = "/models/lead-scoring/versions/1"


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    """A model whose column ``talk_minutes`` is filled in once the outcome is known."""
    frame = leads()
    noise = np.random.default_rng(5).normal(0, 6, frame.height)
    leak = np.where(frame["won"].to_numpy() == "yes", 40.0, 5.0) + noise
    frame = leads(talk_minutes=leak.round(1))
    return fit_model(frame, contract(frame), spec(name="lead-scoring"), code=CODE)


@pytest.fixture
def app(parts: Parts, trained: TrainedModel) -> FastAPI:
    parts.jobs.define("training", registry.training_job)
    with parts.database.session() as session:
        open_usecase(session)
        governance.classify(session, ANA, "lead-scoring")
        registry.record_run(
            session, ANA, parts.storage, usecase="lead-scoring", spec=trained.spec, trained=trained, run_id="run-1"
        )
    return application(parts)


@pytest.fixture
def dana(parts: Parts, app: FastAPI) -> Iterator[Browser]:
    yield signed_in(parts, "Dana Smith", (Role.data_scientist, "sales"), app=app)


def test_models_versions_and_runs_are_shown_with_their_figures(dana: Browser, trained: TrainedModel) -> None:
    assert "lead-scoring" in dana.text("/models")
    assert "lead-scoring,lead-scoring,1," in dana.get("/models?format=csv").text
    assert "Version 1" in dana.text("/models/lead-scoring")
    page = dana.get(VERSION)
    shown = text_of(page.text)
    assert f"{trained.metrics.roc_auc:.3f}" in shown
    for words in ("95 % interval", "Node and training agree", "What it leads to", "What it was made of"):
        assert words in shown
    assert page.text.count("<figure") == 4
    run = dana.text("/runs/run-1")
    assert "Average precision" in run
    assert "resamples" in run
    card = dana.get(f"{VERSION}/card")
    assert card.text.startswith("# lead-scoring")
    assert "attachment" in card.headers["content-disposition"]


def test_an_alias_is_pointed_at_a_version(dana: Browser) -> None:
    dana.get("/models/lead-scoring")
    wrong = dana.send("/models/lead-scoring/aliases", alias="Best One!", version="1")
    assert wrong.status_code == 422
    assert 'id="e-alias"' in wrong.text
    moved = dana.send("/models/lead-scoring/aliases", alias="champion", version="1")
    assert "champion" in text_of(moved.text)


def test_a_suspicious_column_is_cleared_in_person_with_a_reason(dana: Browser) -> None:
    page = dana.get(VERSION)
    assert "talk_minutes" in text_of(page.text)
    short = dana.send(f"{VERSION}/clear", column="talk_minutes", reason="fine")
    assert short.status_code == 422
    assert "at least 10 characters" in text_of(short.text)
    assert short.text.count("data-reopen") == 1
    assert form_of(short.text, f"{VERSION}/clear")["reason"] == "fine", "what was typed is still there"
    dana.get(VERSION)
    cleared = dana.send(f"{VERSION}/clear", column="talk_minutes", reason="The call centre writes it before the offer.")
    shown = text_of(cleared.text)
    assert "cleared" in shown
    assert "The call centre writes it before the offer." in shown
    assert "Dana Smith" in shown


def test_a_model_without_a_data_product_is_not_trained_again(dana: Browser) -> None:
    assert "Train again" not in dana.text("/models/lead-scoring")


def test_others_see_and_do_what_their_roles_say(parts: Parts, app: FastAPI) -> None:
    employee = signed_in(parts, "Eve Employee", (Role.employee, "sales"), app=app)
    shown = employee.get(VERSION).text
    assert "How good it is" in shown
    for hidden in ("Clear with a reason", "Ask for promotion"):
        assert hidden not in shown
    assert employee.get("/runs/run-1").status_code == 403
    stranger = signed_in(parts, "Fay Finance", (Role.data_scientist, "finance"), app=app)
    for address in ("/models/lead-scoring", VERSION, f"{VERSION}/card", "/runs/run-1"):
        assert stranger.get(address).status_code == 403
    assert "lead-scoring" not in stranger.text("/models")
