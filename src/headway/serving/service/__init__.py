"""The verbs of serving, one file an idea."""

from headway.serving.service.arms import outcomes_by_arm
from headway.serving.service.chain import decision_chain
from headway.serving.service.decisions import (
    find_decisions,
    get_decision,
    is_recent,
    list_decisions,
)
from headway.serving.service.deployments import (
    department_of,
    deploy,
    deploy_version,
    deployed_states,
    find_deployments,
    get_deployment,
    halted,
    limit,
    list_deployments,
    live_deployments,
    resume,
    retire,
    suspend,
)
from headway.serving.service.grants import get_grant, give_grant, grant, list_grants, revoke_grant
from headway.serving.service.intake import take_in, take_in_due
from headway.serving.service.keeping import keep, let_off
from headway.serving.service.looking import decision_figures, decisions_by_day, get_input, list_outcomes
from headway.serving.service.operating import hold, operate, operate_due
from headway.serving.service.outcomes import import_outcomes
from headway.serving.service.profiles import (
    ReleaseReference,
    day_profiles,
    profiled_releases,
    reference_of,
    score_counts,
)
from headway.serving.service.publication import get_publication, publish, publish_due
from headway.serving.service.reviewing import review_break_glass
from headway.serving.service.scoped import count_in_scope, decisions_version, write_in_scope
from headway.serving.service.scored import outcomes_by_score, score_ranges
from headway.serving.service.stopping import at_work, resource_to_stop, stop
from headway.serving.service.trying import asked_fields, try_out

__all__ = [
    "ReleaseReference",
    "asked_fields",
    "at_work",
    "count_in_scope",
    "day_profiles",
    "decision_chain",
    "decision_figures",
    "decisions_by_day",
    "decisions_version",
    "department_of",
    "deploy",
    "deploy_version",
    "deployed_states",
    "find_decisions",
    "find_deployments",
    "get_decision",
    "get_deployment",
    "get_grant",
    "get_input",
    "get_publication",
    "give_grant",
    "grant",
    "halted",
    "hold",
    "import_outcomes",
    "is_recent",
    "keep",
    "let_off",
    "limit",
    "list_decisions",
    "list_deployments",
    "list_grants",
    "list_outcomes",
    "live_deployments",
    "operate",
    "operate_due",
    "outcomes_by_arm",
    "outcomes_by_score",
    "profiled_releases",
    "publish",
    "publish_due",
    "reference_of",
    "resource_to_stop",
    "resume",
    "retire",
    "review_break_glass",
    "revoke_grant",
    "score_counts",
    "score_ranges",
    "stop",
    "suspend",
    "take_in",
    "take_in_due",
    "try_out",
    "write_in_scope",
]
