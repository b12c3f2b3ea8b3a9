"""Scaling: taking a use case to another department, planned before anything goes live.

``scale_job`` makes a plan from a file: which column is which, what is missing, how the departments differ, how well the model
will rank there; ``bring_labels`` holds outcomes against that forecast as they become known.
"""

from headway.scaling.entities import ColumnSaid, LabelBatch, PlanRequest, PlanState, ScalePlan, ValueSaid
from headway.scaling.errors import BadLabels, NoModel, NothingToCompare, PlanNotReady, UnknownPlan
from headway.scaling.jobs import STEPS, scale_job
from headway.scaling.saying import said_columns, said_values
from headway.scaling.service import (
    bring_labels,
    csv_to_label,
    find_plans,
    get_plan,
    list_labels,
    list_plans,
    rows_to_label,
    settle_plans,
    start_from_product,
    start_from_upload,
    start_plan,
    version_to_scale,
)

__all__ = [
    "STEPS",
    "BadLabels",
    "ColumnSaid",
    "LabelBatch",
    "NoModel",
    "NothingToCompare",
    "PlanNotReady",
    "PlanRequest",
    "PlanState",
    "ScalePlan",
    "UnknownPlan",
    "ValueSaid",
    "bring_labels",
    "csv_to_label",
    "find_plans",
    "get_plan",
    "list_labels",
    "list_plans",
    "rows_to_label",
    "said_columns",
    "said_values",
    "scale_job",
    "settle_plans",
    "start_from_product",
    "start_from_upload",
    "start_plan",
    "version_to_scale",
]
