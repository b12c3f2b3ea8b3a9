"""What can be done with plans: start and read them, bring labels, ask which cases to look at first."""

from headway.scaling.service.checking import bring_labels, csv_to_label, rows_to_label
from headway.scaling.service.plans import (
    fail_plan,
    find_plans,
    get_plan,
    list_labels,
    list_plans,
    settle_plans,
    start_plan,
    version_to_scale,
)
from headway.scaling.service.starting import start_from_product, start_from_upload

__all__ = [
    "bring_labels",
    "csv_to_label",
    "fail_plan",
    "find_plans",
    "get_plan",
    "list_labels",
    "list_plans",
    "rows_to_label",
    "settle_plans",
    "start_from_product",
    "start_from_upload",
    "start_plan",
    "version_to_scale",
]
