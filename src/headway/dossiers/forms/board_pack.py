"""The quarterly board pack: the portfolio, what it earned, its means, control, risks and the council's work. Pure."""

from __future__ import annotations

from collections.abc import Callable

from headway.dossiers.board import control, deciding, means, portfolio, risk, worth
from headway.dossiers.board.records import BoardRecords
from headway.dossiers.entities import Chapter, DossierKind, Drawn, Due, Form, Requirement


def due(r: BoardRecords) -> Due:
    """No law asks for it."""
    why = "No law asks for it in this form: the organisation's board or its sponsors want it each quarter."
    return Due(is_due=False, why=why, cites=r.of_inventory())


def _part(id: str, title: str, source: str, draw: Callable[[BoardRecords], Drawn]) -> Requirement:
    return Requirement(id=id, title=title, source=source, draw=draw)


BOARD_PACK = Form(
    kind=DossierKind.board_pack,
    title="Board pack",
    subtitle="AI in the organisation, one quarter: drawn from the records of the platform, with every gap named",
    source="The records of the platform",
    due=due,
    chapters=(
        Chapter(
            title="1. Portfolio",
            requirements=(
                _part("1.1", "Use cases by stage and legal tier", "Inventory of use cases, now", portfolio.by_stage),
                _part("1.2", "New and ended", "Inventory of use cases, in the quarter", portfolio.new_and_ended),
                _part("1.3", "What keeps use cases", "Approvals, gates, deployments, now", portfolio.kept),
                _part("1.4", "Assessments owed", "Assessments, now", portfolio.owed),
            ),
        ),
        Chapter(
            title="2. Value",
            requirements=(
                _part("2.1", "What was earned", "Hold-outs, outcomes and rates, up to now", worth.earned),
                _part("2.2", "What is expected", "ROI projections, now", worth.projected),
            ),
        ),
        Chapter(
            title="3. Means and limits",
            requirements=(
                _part("3.1", "Mandates", "Programmes and signed mandates, now", means.signed),
                _part("3.2", "Money asked for and given", "Requests, now; rounds of the quarter", means.money),
                _part("3.3", "Risk appetite", "Appetite in force and its use, now", means.appetite),
            ),
        ),
        Chapter(
            title="4. Control",
            requirements=(
                _part("4.1", "Releases", "Releases of the quarter", control.releases),
                _part("4.2", "What gates kept out", "Refusals in the ledger, in the quarter", control.refusals),
                _part("4.3", "What was excused", "Waivers and break-glass, now and in the quarter", control.excused),
                _part("4.4", "What was lost at work", "Findings of the operate gate, now", control.lost),
            ),
        ),
        Chapter(
            title="5. Risks",
            requirements=(
                _part("5.1", "Top risks", "Risk registers of the use cases, now", risk.top),
                _part("5.2", "Overdue treatments", "Risk registers of the use cases, now", risk.overdue),
            ),
        ),
        Chapter(
            title="6. Incidents and alerts",
            requirements=(
                _part("6.1", "Incidents and their clocks", "Register of incidents, in the quarter", risk.incidents),
                _part("6.2", "Alerts of monitoring", "Monitoring, in the quarter", risk.alerts),
            ),
        ),
        Chapter(
            title="7. The council",
            requirements=(
                _part("7.1", "Decided", "Cases of the council, in the quarter", deciding.decided),
                _part("7.2", "Waiting", "Cases of the council, now", deciding.waiting),
                _part("7.3", "Conditions", "Conditions of the council, now", deciding.conditions),
            ),
        ),
    ),
)
