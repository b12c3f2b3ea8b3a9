"""The verbs of serving, one file an idea."""

from headway.serving.service.chain import decision_chain
from headway.serving.service.decisions import (
    find_decisions,
    get_decision,
    list_decisions,
)
from headway.serving.service.deployments import (
    department_of,
    deploy,
    deploy_version,
    deployed_states,
    find_deployments,
    get_deployment,
    limit,
    list_deployments,
    resume,
    retire,
    suspend,
)
from headway.serving.service.grants import get_grant, grant, list_grants, revoke_grant
from headway.serving.service.intake import take_in, take_in_due
from headway.serving.service.outcomes import import_outcomes
from headway.serving.service.publication import get_publication, publish, publish_due

__all__ = [
    "decision_chain",
    "department_of",
    "deploy",
    "deploy_version",
    "deployed_states",
    "find_decisions",
    "find_deployments",
    "get_decision",
    "get_deployment",
    "get_grant",
    "get_publication",
    "grant",
    "import_outcomes",
    "limit",
    "list_decisions",
    "list_deployments",
    "list_grants",
    "publish",
    "publish_due",
    "resume",
    "retire",
    "revoke_grant",
    "suspend",
    "take_in",
    "take_in_due",
]
