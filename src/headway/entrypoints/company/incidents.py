"""Two incidents: one of lead scoring that is over, whose affected decisions can be counted a second way, and one whose clock runs.

Neither stops anything: what decides goes on, so that all that was planted elsewhere is found as without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.plan import DRIFT, LIVE, NOTICED, RETRAINED, Plan
from headway.entrypoints.company.scene import Scene

BEGAN, MENDED = float(DRIFT), (RETRAINED + 7, 8)
"""From the day on which customers changed to the hour in which the second version was put to work."""
FIRST = "model:lead-scoring@1"
CLOSED, RUNNING = "The order of calls was worse than it should be for weeks", "Older applicants stood lower on the list"
NOTHING_ELSE = {"widespread": False, "personal_data_breach": False}
"""What was looked at and is not so."""


def acts(plan: Plan) -> Iterator[Act]:
    """Reported, told, mended, counted and closed; then the one of the last days."""
    case = _Case(plan)
    yield Act(NOTICED + 1, 9.3, case.report)
    yield Act(NOTICED + 1, 10.3, case.tell)
    yield Act(NOTICED + 1, 15.3, case.judge)
    yield Act(NOTICED + 6, 11.3, case.find_cause)
    yield Act(RETRAINED + 12, 9.3, case.end_action)
    yield Act(RETRAINED + 41, 9.3, case.count)  # by now the last decision of the first version was taken in
    yield Act(RETRAINED + 42, 10.3, case.close)
    yield Act(LIVE - 2, 14.3, case.report_another)


class _Case:
    """What happens to both, by people who may."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._path, self._task = "", ""

    def report(self, scene: Scene) -> None:
        """Nils reports what monitoring noticed the day before, about the version that decided."""
        nils = scene.as_("nils")
        alerts = nils.get("/alerts", department="sales-north", deployment="lead-scoring")["items"]
        told: dict[str, Any] = {
            "title": CLOSED,
            "what": "Leads have come from elsewhere since the spring, and the model has hardly seen such. Sellers called in an order "
            "that was hardly better than that of arrival.",
            "concerns": [FIRST],
            "alert": min((one["id"] for one in alerts), default=None),
            "severity": "high",
            "harm": [],
            **NOTHING_ELSE,
            "started_at": self._plan.at(BEGAN).isoformat(),
            "aware_at": self._plan.at(NOTICED, 9).isoformat(),
        }
        self._path = f"/incidents/{nils.post('/incidents', told)['id']}"

    def tell(self, scene: Scene) -> None:
        """Nils drafts what the sponsor and the office are told, Mira notes that she sent it."""
        drafted = scene.as_("nils").post(f"{self._path}/notices", {"clock": "OWN-TELL"})["items"][0]["id"]
        sent = {"to": f"{scene.people['claire'].name}, the AI office", "sent_at": scene.time().isoformat()}
        scene.as_("mira").post(
            f"{self._path}/notices/{drafted}/sent", data={**sent, "reference": "letter 14"}, files={}
        )

    def judge(self, scene: Scene) -> None:
        """Priya says why nothing is stopped."""
        reason = (
            "Nobody is refused anything, and a part is held out beside it. It goes on until the next version is there."
        )
        scene.as_("priya").post(f"{self._path}/clocks/OWN-CONTAIN/judge", {"reason": reason})

    def find_cause(self, scene: Scene) -> None:
        """Nils writes down the cause, Lena plans what is mended beside the new version."""
        cause = "The mix of sources changed: most leads come from the web form now, where the model had seen few."
        scene.as_("nils").patch(self._path, {"cause": cause, "reason": "Dana compared both halves of the year."})
        body = {
            "title": "Hold the sources of each month's leads against those the model learnt from",
            "subject": f"incident:{self._path.rpartition('/')[2]}",
            "assignee": scene.people["dana"].ref,
            "due_on": self._plan.day(RETRAINED + 20).isoformat(),
        }
        self._task = str(scene.as_("lena").post("/tasks", body)["id"])

    def end_action(self, scene: Scene) -> None:
        """The second version decides since a few days, and the corrective action is done."""
        scene.as_("dana").post(
            f"/tasks/{self._task}/state", {"state": "done", "note": "It is part of the monthly round now."}
        )
        ended = self._plan.at(*MENDED).isoformat()
        scene.as_("nils").patch(self._path, {"ended_at": ended, "reason": "The second version decides."})

    def count(self, scene: Scene) -> None:
        """Nils counts which decisions it touched, and says that its causes are mended."""
        nils = scene.as_("nils")
        nils.wait(nils.post(f"{self._path}/affected")["job"])
        nils.post(
            f"{self._path}/corrected",
            {"reason": "Trained again on leads since the change; sources are looked at monthly."},
        )

    def close(self, scene: Scene) -> None:
        """Lena closes what another opened."""
        reason = "Read with the team: who was called late was called, and the new order holds."
        scene.as_("lena").post(f"{self._path}/close", {"reason": reason})

    def report_another(self, scene: Scene) -> None:
        """Farid reports, Greta judges what it is and drafts the report to the authority, if the law asks for one by then."""
        told = {
            "title": RUNNING,
            "what": "In the list of the trial that the office still had, people of 45 and over stood lower than others like them.",
            "concerns": ["usecase:applicant-screening"],
        }
        place = f"/incidents/{scene.as_('farid').post('/incidents', told)['id']}"
        known = {"severity": "medium", "harm": ["fundamental_rights"], **NOTHING_ELSE}
        scene.as_("greta").patch(place, {**known, "reason": "Read the list with Ruth."})
        here = {"jurisdiction": "EU", "is_in": True, "reason": "The region South is in Austria."}
        scene.as_("greta").post(f"{place}/jurisdictions", here)
        if any(clock["id"] == "AIA-73-2" for clock in scene.as_("greta").get(place)["clocks"]):
            scene.as_("greta").post(f"{place}/notices", {"clock": "AIA-73-2"})
