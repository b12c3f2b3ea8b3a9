"""What can go wrong in scaling, each with a stable code."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class UnknownPlan(NotFound):
    """No plan has this id."""

    code = "scaling.unknown_plan"


class PlanNotReady(Conflict):
    """The plan has not been made yet, or making it failed."""

    code = "scaling.plan_not_ready"


class NoModel(Conflict):
    """The use case has no model version that could be taken to another department."""

    code = "scaling.no_model"


class NothingToCompare(Invalid):
    """The file holds too few rows, or none of the columns that the model looks at."""

    code = "scaling.nothing_to_compare"


class BadLabels(Invalid):
    """The file of labels cannot be used."""

    code = "scaling.bad_labels"
