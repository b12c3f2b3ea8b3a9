"""Lead scoring in the North: a pilot, a release by two people of the council, decisions each evening, outcomes each month,
customers who change, and a second version that was made because of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from headway.entrypoints.company import leads as rules
from headway.entrypoints.company.inventory import Act, say, task
from headway.entrypoints.company.leads import Decided
from headway.entrypoints.company.node import CompanyNode
from headway.entrypoints.company.plan import DRIFT, FOUNDED, HISTORY, LIVE, NOTICED, RETRAINED
from headway.entrypoints.company.scene import Scene

SLUG: Final = "lead-scoring"
ENVIRONMENT: Final = "production"
HELD_OUT = 0.2
EVENING = 18.5
EXPORTED = 240
"""Days of leads in an export."""
PILOT = {
    "solution": "sales.lead-scoring",
    "department": "sales-north",
    "name": SLUG,
    "label": "converted",
    "positive": "yes",
    "time": "created_at",
    "subject": "lead_id",
    "exclude": ["action", "days_open"],
    "value_per_success": "120 EUR",
    "cost_per_action": "4 EUR",
}


@dataclass(slots=True)
class Scoring:
    """What the story of lead scoring carries along."""

    folder: Path
    leads: pl.DataFrame
    node: CompanyNode
    told: Callable[[str], None]
    decided: dict[str, Decided] = field(default_factory=dict)
    untold: list[Decided] = field(default_factory=list)
    token: str = ""
    version: str = ""
    release: str = ""

    # ---------------------------------------------------------------------------------------- the agenda
    def acts(self, scene: Scene) -> Iterator[Act]:
        """All that happens to lead scoring, by day."""
        yield Act(-38, 10, self.pilot)
        yield Act(-36, 9, self._talk_about_report)
        yield Act(-30, 10, self.ask)
        yield Act(
            -28,
            15,
            lambda scene: self.approve(
                scene, "priya", "Purpose, hold-out and people affected are clear; nobody is refused."
            ),
        )
        yield Act(
            -26,
            11,
            lambda scene: self.approve(
                scene, "tomas", "The score orders a list. Inputs are business data; gender and age are not among them."
            ),
        )
        yield Act(-3, 9, self.deploy)
        yield from self._year(scene)
        yield Act(NOTICED, 9, self._notice)
        yield from task(scene.plan, NOTICED, 10.0, subject=f"usecase:{SLUG}", told=RETRAIN)
        yield Act(RETRAINED, 10, self.pilot)
        yield Act(RETRAINED + 2, 10, self.ask)
        yield Act(
            RETRAINED + 4,
            9,
            lambda scene: self.approve(
                scene,
                "ingrid",
                "Same use, newer data; the reasons given for a score still make sense to the sales people.",
            ),
        )
        yield Act(
            RETRAINED + 5,
            16,
            lambda scene: self.approve(
                scene, "tomas", "I compared the lists of inputs of both versions: they are the same."
            ),
        )
        yield Act(RETRAINED + 7, 8, self.deploy)
        yield Act(LIVE - 40, 9, self._ask_for_review)

    def _year(self, scene: Scene) -> Iterator[Act]:
        plan = scene.plan
        for day, rows in rules.batches(self.leads, plan.at(0), plan.at(LIVE), plan.every):
            yield Act(day, EVENING, lambda scene, rows=rows: self.decide(scene, rows), is_quiet=True)  # type: ignore[misc]  # bound now
        for month in range(1, LIVE // plan.month + 1):
            yield Act(month * plan.month, 6, self._close_month)
        yield Act(LIVE - 1, 23, self._close_month)

    # ---------------------------------------------------------------------------------------- versions
    def pilot(self, scene: Scene) -> None:
        """Dana tries the solution on the export of settled leads."""
        path = self.folder / f"leads-north-{scene.time():%Y-%m}.csv"
        rows = self.history(scene, scene.plan.at(DRIFT) if self.version else None)
        rows.write_csv(path)
        self.told(f"a pilot of lead scoring on {rows.height} leads of the North")
        dana = scene.as_("dana")
        result = dana.wait(dana.post("/pilots", files={"file": path}, data=PILOT)["job"])
        model = result["model"]
        self.version = f"model:{model['name']}@{model['version']}"
        low, high = result["metrics"]["intervals"]["roc_auc"]
        self.told(f"  {self.version}: ROC AUC {result['metrics']['roc_auc']:.3f} ({low:.3f} to {high:.3f})")

    def history(self, scene: Scene, since: datetime | None = None) -> pl.DataFrame:
        """The export of the leads of the last months, or since a day, that are settled by now."""
        now = scene.time().replace(hour=0, minute=0)
        first = since or max(now - timedelta(days=EXPORTED), scene.plan.at(-FOUNDED - HISTORY))
        return rules.history(self.leads, first, now, self.decided)

    def _talk_about_report(self, scene: Scene) -> None:
        say(
            scene,
            "dana",
            f"usecase:{SLUG}",
            "The pilot's report is there, @{lena}. Look at the calibration first: the promise in euros stands on it.",
        )
        say(
            scene,
            "lena",
            f"usecase:{SLUG}",
            "Read, with two of my team. The reasons are the ones we would give ourselves. Please ask for the release.",
        )

    def ask(self, scene: Scene) -> None:
        """Ask for the newest version in production."""
        body = {"version": self.version, "environment": ENVIRONMENT}
        self.release = str(scene.as_("dana").post("/releases", body)["id"])

    def approve(self, scene: Scene, who: str, reason: str) -> None:
        """One of the council says yes."""
        made = scene.as_(who).post(f"/releases/{self.release}/approvals", {"reason": reason})
        self.told(f"  {scene.people[who].name} approves {self.version}: {made['status']}")

    def deploy(self, scene: Scene) -> None:
        """Put the released version to work; who was held out stays held out."""
        nils = scene.as_("nils")
        body = {
            "name": SLUG,
            "usecase": SLUG,
            "version": self.version,
            "environment": ENVIRONMENT,
            "holdout_share": HELD_OUT,
            "subject_field": "lead_id",
        }
        nils.post("/deployments", body)
        if not self.token:
            ends = scene.plan.at(LIVE + 365).isoformat()
            grant = {"deployment": SLUG, "environment": ENVIRONMENT, "principal": "service:crm", "expires_at": ends}
            self.token = str(nils.post("/grants", grant)["token"])
        self.told(f"  {self.version} decides in production")

    # ---------------------------------------------------------------------------------------- days and months
    def decide(self, scene: Scene, rows: pl.DataFrame) -> None:
        """Decide about the leads of a day, in the evening."""
        scene.publish(ENVIRONMENT)
        answers = self.node.decide(SLUG, self.token, rules.records(rows))
        for row, answer in zip(rows.iter_rows(named=True), answers, strict=True):
            one = rules.came_of(row, answer["arm"], answer["action"], scene.time())
            self.decided[one.lead] = one
            self.untold.append(one)

    def _close_month(self, scene: Scene) -> None:
        """Seal the decisions, and tell what came of leads whose window has passed: sales and losses at once.

        Were sales told as they come, the newest leads would look like sales all of them.
        """
        self.node.ship()
        scene.take_in()
        scene.judge(SLUG, ENVIRONMENT)
        now = scene.time()
        told = [one for one in self.untold if one.at + rules.WINDOW <= now]
        if told:
            path = self.folder / f"outcomes-{now:%Y-%m-%d}.csv"
            rules.outcomes(told).write_csv(path)
            form = {"deployment": SLUG, "environment": ENVIRONMENT}
            scene.as_("otto").post("/outcomes", files={"file": path}, data=form)
            self.untold = self.untold[len(told) :]
        self.told(f"  {now:%B %Y}: {len(self.decided)} decisions, {len(self.decided) - len(self.untold)} outcomes")

    # ---------------------------------------------------------------------------------------- what people saw
    def _notice(self, scene: Scene) -> None:
        """Dana takes on the alert that monitoring opened, and says where leads come from; the figures are the leads' own."""
        found = scene.as_("dana").get("/alerts", department="sales-north", deployment=SLUG, state="open")["items"]
        for alert in found:
            reason = "I look where the leads come from, and train again when enough of the new ones are settled."
            scene.as_("dana").post(f"/alerts/{alert['id']}/acknowledge", {"reason": reason})
        alerts = ", ".join(f"{one['kind']} since {one['since'][:10]}" for one in found)
        self.told(f"  alerts of monitoring: {alerts or 'none'}")
        before = self._share(scene, -FOUNDED - HISTORY, -FOUNDED)
        now = self._share(scene, NOTICED - 14, NOTICED)
        text = (
            f"Leads come from elsewhere since {scene.plan.day(DRIFT):%d %B}: {now:.0%} of the last two weeks' are from the web "
            f"form, it was {before:.0%} when the model learnt. It has hardly seen such a mix. @{{lena}}, I would train it again as "
            "soon as enough of the new leads are settled."
        )
        say(scene, "dana", f"usecase:{SLUG}", text)

    def _share(self, scene: Scene, first: float, last: float) -> float:
        inside = pl.col("created_at").is_between(scene.plan.at(first), scene.plan.at(last), closed="left")
        return rules.share(self.leads.filter(inside), "source", "web form")

    def _ask_for_review(self, scene: Scene) -> None:
        """The review that nobody has done yet: its day has passed when the company is shown."""
        body: dict[str, Any] = {
            "title": "Yearly review of lead scoring: purpose, hold-out and value",
            "subject": f"usecase:{SLUG}",
            "assignee": scene.people["priya"].ref,
            "due_on": scene.plan.day(LIVE - 12).isoformat(),
            "note": "The council promised it when it said yes. The tab Value has what the hold-out measured.",
        }
        scene.as_("mira").post("/tasks", body)

    def planted(self, since: datetime, until: datetime) -> float:
        """The true effect on the champion's leads that are settled."""
        return rules.planted_effect(list(self.decided.values()), since, until)


RETRAIN = {
    "by": "lena",
    "for": "dana",
    "task": "Train lead scoring again on leads since the change",
    "after": 0,
    "due": RETRAINED - NOTICED + 10,
    "done": RETRAINED - NOTICED + 7.2,
    "note": "The second version decides; the hold-out is the same as before.",
}
