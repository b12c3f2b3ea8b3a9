"""The other models of the company: one that the gate keeps out, one that waits for a second yes, one that the council refused,
one that is tried in the sandbox, and the region that comes next.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from headway.entrypoints.company.inventory import Act, say
from headway.entrypoints.company.plan import LIVE
from headway.entrypoints.company.scene import Scene
from headway.entrypoints.company.scoring import Scoring

LEADS = {"label": "converted", "positive": "yes", "time": "created_at", "subject": "lead_id"}
APPLICANTS = {"label": "invited", "positive": "yes", "time": "applied_at", "subject": "applicant_id"}
PAYMENTS = {"label": "is_fraud", "positive": "true", "time": "paid_at", "subject": "payment_id"}
SOUTH = "leads-south.csv"


class Others:
    """Their acts; ``data`` is where the simulator wrote the company."""

    def __init__(self, scoring: Scoring, data: Path) -> None:
        self._scoring, self._data, self._folder = scoring, data, scoring.folder
        self._release: dict[str, str] = {}

    def acts(self) -> Iterator[Act]:
        """All of them, by day."""
        yield Act(155, 9, self._payments)
        yield Act(158, 10, self._applicants)
        yield Act(166, 9, lambda scene: self._ask(scene, "applicant-screening", "yusuf"))
        yield Act(170, 14, self._refuse)
        yield Act(290, 9, self._cross_sell)
        yield Act(
            295,
            10,
            lambda scene: self._approve(
                scene, "cross-sell-scoring", "priya", "Purpose and hold-out are as in lead scoring."
            ),
        )
        yield Act(
            297,
            15,
            lambda scene: self._approve(
                scene, "cross-sell-scoring", "samuel", "The campaign's budget stands. Yes, if the gate lets it in."
            ),
        )
        yield Act(298, 9, self._explain_block)
        yield Act(372, 9, self._south)
        yield Act(400, 9, self._plan_south)
        yield Act(LIVE - 9, 9, self._event_follow_up)
        yield Act(
            LIVE - 4,
            16,
            lambda scene: self._approve(
                scene, "event-follow-up", "tomas", "Addresses are used for what people left them for."
            ),
        )

    # ---------------------------------------------------------------------------------------- sales
    def _cross_sell(self, scene: Scene) -> None:
        """Trained in a hurry on the whole export: a column is in it that is filled in when a lead is closed."""
        product = self._export(scene, "closed-leads", exclude=["action"])
        self._train(scene, "dana", "cross-sell-scoring", product, LEADS)
        self._ask(scene, "cross-sell-scoring", "dana")

    def _explain_block(self, scene: Scene) -> None:
        """Priya reads what the gate says, Dana names the columns of the report on leaks."""
        asked = scene.as_("priya").get(f"/releases/{self._release['cross-sell-scoring']}")
        about = {"subject": asked["version"], "subject_digest": asked["digest"]}
        found = scene.as_("priya").get("/usecases/cross-sell-scoring/gate", environment="production", **about)
        text = f"Two of us said yes, and the gate says no all the same: *{'; '.join(found['missing'])}*. @{{dana}}, what is it?"
        say(scene, "priya", "usecase:cross-sell-scoring", text)
        leaks = scene.as_("priya").get("/evidence", type="leakage_report", **about)["items"][0]["facts"]
        columns = ", ".join(f"`{name}`" for name in json.loads(leaks["open_columns"]))
        text = f"It is {columns}: filled in when a lead is closed, so it tells the answer. I train again without it after the quarter."
        say(scene, "dana", "usecase:cross-sell-scoring", text)

    def _event_follow_up(self, scene: Scene) -> None:
        product = self._export(scene, "fair-contacts", exclude=["action", "days_open"])
        self._train(scene, "dana", "event-follow-up", product, LEADS)
        self._ask(scene, "event-follow-up", "dana")

    def _export(self, scene: Scene, name: str, exclude: Sequence[str]) -> str:
        """A fresh export of settled leads as a data product of the North."""
        path = self._folder / f"{name}.csv"
        self._scoring.history(scene).write_csv(path)
        return self._register(scene, "otto", "sales-north", path, {"name": name, **LEADS, "exclude": exclude})

    def _south(self, scene: Scene) -> None:
        """The file of the South, in its own words and codes: the region that comes next."""
        path = self._folder / SOUTH
        leads = pl.read_parquet(self._data / "data" / "sales" / "south" / "leads.parquet")
        settled = leads.filter(pl.col("eingang") < scene.plan.at(372 - 60))
        settled.with_columns(pl.col("eingang").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(path)
        form = {"name": "leads", "label": "abschluss", "positive": "ja", "time": "eingang", "subject": "lead_nr"}
        self._register(scene, "otto", "sales-south", path, {**form, "exclude": ["vorgehen"]})

    def _plan_south(self, scene: Scene) -> None:
        """What the step to the South would take: columns mapped, differences, a forecast without labels."""
        dana, file = scene.as_("dana"), {"file": self._folder / SOUTH}
        started = dana.post("/usecases/lead-scoring/scale-plans", files=file, data={"department": "sales-south"})
        dana.wait(started["job"])
        self._scoring.told("  lead scoring is planned for the South")

    # ---------------------------------------------------------------------------------------- hr and finance
    def _applicants(self, scene: Scene) -> None:
        path = self._folder / "applicants-south.csv"
        found = pl.read_parquet(self._data / "data" / "people" / "south" / "applicants.parquet")
        self._applied = found.filter(pl.col("applied_at") < scene.plan.at(158))
        _csv(self._applied, "applied_at", path)
        product = self._register(scene, "hana", "hr-south", path, {"name": "applicants", **APPLICANTS})
        self._train(scene, "yusuf", "applicant-screening", product, APPLICANTS)

    def _refuse(self, scene: Scene) -> None:
        """Ingrid looks at the very rows the model learnt from."""
        rates = dict(
            self._applied.group_by("age_group").agg((pl.col("invited") == "yes").mean().alias("rate")).iter_rows()
        )
        older, others = rates["45 and over"], rates["30 to 44"]
        reason = (
            f"Of people of 45 and over {older:.0%} were invited, of those between 30 and 44 {others:.0%}, and nothing in the file "
            "explains it. A model that learns from this repeats it."
        )
        release = self._release["applicant-screening"]
        scene.as_("ingrid").post(f"/releases/{release}/rejection", {"reason": reason})
        say(
            scene,
            "ingrid",
            "usecase:applicant-screening",
            f"{reason} @{{ruth}} let us talk about the invitations first, not about a model.",
        )

    def _payments(self, scene: Scene) -> None:
        """What audits found stands beside each payment that they looked at."""
        place = self._data / "{}" / "finance" / "north" / "payments.parquet"
        truth = pl.read_parquet(str(place).format("truth")).select("payment_id", "is_fraud")
        found = pl.read_parquet(str(place).format("data")).join(truth, on="payment_id")
        path = self._folder / "payments-audited.csv"
        _csv(found.filter(pl.col("paid_at") < scene.plan.at(150)), "paid_at", path)
        product = self._register(scene, "paul", "finance", path, {"name": "payments-audited", **PAYMENTS})
        self._train(scene, "yusuf", "payment-fraud-check", product, {**PAYMENTS, "exclude": ["account", "payee"]})

    # ---------------------------------------------------------------------------------------- the doors
    def _register(self, scene: Scene, who: str, department: str, path: Path, form: Mapping[str, Any]) -> str:
        made = scene.as_(who).post("/products", files={"file": path}, data={"department": department, **form})
        return str(made["product"]["slug"])

    def _train(self, scene: Scene, who: str, usecase: str, product: str, roles: Mapping[str, Any]) -> None:
        """Train a version and release it into the sandbox."""
        person = scene.as_(who)
        made = person.wait(person.post("/runs", {"product": product, "usecase": usecase, **roles})["job"])
        version = str(made["version"])
        self._scoring.told(f"  {version} is trained on {product}")
        person.post("/releases", {"version": version, "environment": "sandbox"})
        self._release[usecase] = version

    def _ask(self, scene: Scene, usecase: str, who: str) -> None:
        body = {"version": self._release[usecase], "environment": "production"}
        self._release[usecase] = str(scene.as_(who).post("/releases", body)["id"])

    def _approve(self, scene: Scene, usecase: str, who: str, reason: str) -> None:
        made = scene.as_(who).post(f"/releases/{self._release[usecase]}/approvals", {"reason": reason})
        self._scoring.told(f"  {scene.people[who].name} approves {usecase}: {made['status']}")


def _csv(rows: pl.DataFrame, time: str, path: Path) -> None:
    rows.with_columns(pl.col(time).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(path)
