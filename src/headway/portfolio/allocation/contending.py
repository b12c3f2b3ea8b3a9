"""Where more is asked for than there is, and who decided otherwise than the best choice. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from headway.kernel.errors import Fault
from headway.portfolio.allocation.entities import Contention, Difference, Limits, Need, Plan
from headway.portfolio.allocation.optimum import RESOURCES
from headway.portfolio.errors import AllocationInvalid


def contention(needs: Sequence[Need], limits: Limits) -> tuple[Contention, ...]:
    """Tell of each resource how much is asked for and by whom, against what there is."""
    found = []
    for name, of in RESOURCES:
        by_department: Counter[str] = Counter()
        for need in needs:
            by_department[need.department] += of(need)
        found.append(
            Contention(
                resource=name,
                available=getattr(limits, name),
                asked=sum(by_department.values()),
                by_department={one: amount for one, amount in sorted(by_department.items()) if amount},
            )
        )
    return tuple(found)


def differences(best: Plan, choice: Plan, reasons: Mapping[str, str]) -> tuple[Difference, ...]:
    """Put a reason to each use case decided otherwise than the best choice has it.

    Raises: AllocationInvalid: a difference without a reason, each a fault; a reason where nothing differs.
    """
    mine, its = set(choice.chosen), set(best.chosen)
    faults = [
        Fault(
            rule="reason",
            column="reasons",
            value=one,
            message=f"say why {one} is {'chosen' if one in mine else 'left out'}, other than the best choice has it",
        )
        for one in sorted(mine ^ its)
        if not reasons.get(one, "").strip()
    ]
    faults += [
        Fault(rule="no_difference", column="reasons", value=one, message=f"{one} is decided as the best choice has it")
        for one in sorted(set(reasons) - (mine ^ its))
    ]
    if faults:
        raise AllocationInvalid("; ".join(one.message for one in faults), faults=faults)
    return tuple(
        Difference(usecase=one, is_chosen=one in mine, reason=reasons[one].strip()) for one in sorted(mine ^ its)
    )
