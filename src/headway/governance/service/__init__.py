"""Use cases of governance, one file an idea."""

from headway.governance.service.approving import (
    approve,
    changed_since,
    get_approval,
    list_approvals,
    reject,
    request_approval,
)
from headway.governance.service.clearing import clear_suspect
from headway.governance.service.covering import cover_usecase, crosswalk
from headway.governance.service.evidence import ORGANISATION, attest, list_evidence, record_evidence
from headway.governance.service.finding import (
    count_usecases,
    find_approvals,
    find_usecases,
    retired_usecases,
    usecase_departments,
    usecase_titles,
    waiting_approvals,
)
from headway.governance.service.gating import check_gate, evaluate_gate
from headway.governance.service.impact import diff_pack, pack_impact
from headway.governance.service.importing import (
    apply_import,
    get_import,
    import_scope,
    stage_import,
    usecase_sheet,
    usecase_template,
)
from headway.governance.service.packs import get_pack, list_packs
from headway.governance.service.quorums import list_quorums, set_quorum
from headway.governance.service.retiring import refuse_retired, reopen_usecase, retire_usecase
from headway.governance.service.revoking import list_revocations, refuse_revoked, revocations_of, revoke
from headway.governance.service.switching import pack_envelope, publish_pack, published_packs, switch_pack
from headway.governance.service.usecases import (
    classify,
    decide_tier,
    get_decision,
    get_usecase,
    list_decisions,
    list_usecases,
    names_in,
    open_usecase,
    update_usecase,
    usecase_faults,
)
from headway.governance.service.verdicts import (
    find_verdict,
    get_envelope,
    get_verdict,
    issue_verdict,
    list_verdicts,
)
from headway.governance.service.waiving import (
    end_waiver,
    find_waivers,
    get_waiver,
    grant_waiver,
    lapsed_exceptions,
    list_waivers,
    reject_waiver,
    request_waiver,
)

__all__ = [
    "ORGANISATION",
    "apply_import",
    "approve",
    "attest",
    "changed_since",
    "check_gate",
    "classify",
    "clear_suspect",
    "count_usecases",
    "cover_usecase",
    "crosswalk",
    "decide_tier",
    "diff_pack",
    "end_waiver",
    "evaluate_gate",
    "find_approvals",
    "find_usecases",
    "find_verdict",
    "find_waivers",
    "get_approval",
    "get_decision",
    "get_envelope",
    "get_import",
    "get_pack",
    "get_usecase",
    "get_verdict",
    "get_waiver",
    "grant_waiver",
    "import_scope",
    "issue_verdict",
    "lapsed_exceptions",
    "list_approvals",
    "list_decisions",
    "list_evidence",
    "list_packs",
    "list_quorums",
    "list_revocations",
    "list_usecases",
    "list_verdicts",
    "list_waivers",
    "names_in",
    "open_usecase",
    "pack_envelope",
    "pack_impact",
    "publish_pack",
    "published_packs",
    "record_evidence",
    "refuse_retired",
    "refuse_revoked",
    "reject",
    "reject_waiver",
    "reopen_usecase",
    "request_approval",
    "request_waiver",
    "retire_usecase",
    "retired_usecases",
    "revocations_of",
    "revoke",
    "set_quorum",
    "stage_import",
    "switch_pack",
    "update_usecase",
    "usecase_departments",
    "usecase_faults",
    "usecase_sheet",
    "usecase_template",
    "usecase_titles",
    "waiting_approvals",
]
