"""Errors of governance."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Denied, Invalid, NotFound


class UseCaseUnknown(NotFound):
    """No use case has this name."""

    code = "governance.usecase_unknown"


class UseCaseTaken(Conflict):
    """A use case of this name exists."""

    code = "governance.usecase_taken"


class GateRefused(Conflict):
    """Something may not enter an environment or be put to work there; every such refusal is told to the ledger."""

    code = "governance.gate_refused"


class UseCaseRetired(GateRefused):
    """The use case was retired; nothing new is released for it until it is taken up again."""

    code = "governance.usecase_retired"


class VendorUnknown(NotFound):
    """No vendor has this name."""

    code = "governance.vendor_unknown"


class VendorTaken(Conflict):
    """A vendor of this name exists."""

    code = "governance.vendor_taken"


class VendorRetired(Conflict):
    """The vendor was retired; nothing new can rest on it."""

    code = "governance.vendor_retired"


class SystemUnknown(NotFound):
    """No system has this name."""

    code = "governance.system_unknown"


class SystemTaken(Conflict):
    """A system of this name exists."""

    code = "governance.system_taken"


class SystemRetired(Conflict):
    """The system was retired; no use case can rest on it any more."""

    code = "governance.system_retired"


class StillUsed(Conflict):
    """Something rests on the vendor or system, so that it cannot be retired."""

    code = "governance.still_used"


class FactsContradict(Conflict):
    """What a system settles is said otherwise of a use case that it serves."""

    code = "governance.facts_contradict"


class ImportChanged(Conflict):
    """The inventory changed since a file's differences were looked at, so that it would do something else now."""

    code = "governance.import_changed"


class ImportRefused(Invalid):
    """Cells of a file have to be corrected before it can be applied; every one is listed with its address."""

    code = "governance.import_refused"


class FactsInvalid(Invalid):
    """Risk facts or evidence facts are unknown or of the wrong kind; every fault is listed."""

    code = "governance.facts_invalid"


class TierFixed(Conflict):
    """A prohibited use cannot be argued into a lower tier."""

    code = "governance.tier_fixed"


class PackInvalid(Invalid):
    """A pack breaks its schema or the rules for expressions; every fault is listed."""

    code = "governance.pack_invalid"


class PackChanged(Conflict):
    """A published version of a pack has another content than before."""

    code = "governance.pack_changed"


class PackReserved(Conflict):
    """A pack of this name comes with Headway; nobody else publishes under it."""

    code = "governance.pack_reserved"


class PackNeeded(Conflict):
    """Without this pack, or with it, gates could not do their work."""

    code = "governance.pack_needed"


class PackUnknown(NotFound):
    """No pack has this name."""

    code = "governance.pack_unknown"


class EvidenceRefused(Denied):
    """The producer may not write this type of evidence."""

    code = "governance.evidence_refused"


class ApprovalUnknown(NotFound):
    """No approval has this id."""

    code = "governance.approval_unknown"


class ApprovalDecided(Conflict):
    """The approval was decided before."""

    code = "governance.approval_decided"


class AlreadyVoted(Conflict):
    """This person said yes to the approval before; a yes counts once."""

    code = "governance.already_voted"


class QuorumInvalid(Invalid):
    """A quorum is of 1 to 9 people besides the requester, in pilot or production, and changed with a reason."""

    code = "governance.quorum_invalid"


class ApprovalDrift(Conflict):
    """Evidence, packs or the tier changed after the approval was requested."""

    code = "governance.approval_drift"


class ExceptionUnknown(NotFound):
    """No exception has this id."""

    code = "governance.exception_unknown"


class ExceptionAnswered(Conflict):
    """The exception was accepted, refused or ended before."""

    code = "governance.exception_answered"


class ExceptionInvalid(Invalid):
    """An exception from the tier high cannot be assessed or accepted like this; every fault is listed."""

    code = "governance.exception_invalid"


class SamePerson(Denied):
    """Who asks for an approval or an exception cannot give it."""

    code = "governance.same_person"


class WaiverUnknown(NotFound):
    """No waiver has this id."""

    code = "governance.waiver_unknown"


class WaiverInvalid(Invalid):
    """A waiver names a control in force, says why and what is done instead, and holds for at most 30 days."""

    code = "governance.waiver_invalid"


class NotWaivable(Conflict):
    """This control, tier or subject can never be excused."""

    code = "governance.not_waivable"


class WaiverAnswered(Conflict):
    """The waiver was answered or ended before, or the same is asked for already."""

    code = "governance.waiver_answered"


class BreakGlassUnknown(NotFound):
    """No break-glass has this id."""

    code = "governance.break_glass_unknown"


class BreakGlassInvalid(Invalid):
    """A break-glass names an exact subject and an environment, and says enough."""

    code = "governance.break_glass_invalid"


class BreakGlassRefused(Conflict):
    """The glass cannot be broken here, or not any more."""

    code = "governance.break_glass_refused"


class GateBlocked(GateRefused):
    """The gate does not let this subject into the environment; the faults are the controls not passed."""

    code = "governance.gate_blocked"


class OperateSuspended(GateRefused):
    """The operate gate has suspended this subject; it goes on when the finding is cleared."""

    code = "governance.operate_suspended"


class AdmissionInvalid(Invalid):
    """A signed answer of a gate is not believed: no trusted key signed it, or it cannot be read."""

    code = "governance.admission_invalid"


class ReviewInvalid(Invalid):
    """What came to the webhook is no AdmissionReview that could be answered."""

    code = "governance.review_invalid"


class SubjectRevoked(GateRefused):
    """The subject was revoked for good."""

    code = "governance.subject_revoked"


class VerdictUnknown(NotFound):
    """No verdict has this id."""

    code = "governance.verdict_unknown"


class SubjectUnknown(NotFound):
    """A use case has nothing yet that a gate could be asked about."""

    code = "governance.subject_unknown"


class TwinSuspected(Conflict):
    """Entries very like this one exist; join one of them, or say why this one is different."""

    code = "governance.twin_suspected"


class AlreadyJoined(Conflict):
    """This person joined the use case for this department before."""

    code = "governance.already_joined"


class IntakeInvalid(Invalid):
    """What was said of a proposal, an umbrella or a tool is not enough; every fault is listed."""

    code = "governance.intake_invalid"


class UmbrellaUnknown(NotFound):
    """No umbrella has this id."""

    code = "governance.umbrella_unknown"


class UmbrellaClosed(Conflict):
    """The umbrella is not in force, or was decided before."""

    code = "governance.umbrella_closed"


class SightingUnknown(NotFound):
    """No sighting has this id."""

    code = "governance.sighting_unknown"


class SightingSettled(Conflict):
    """The sighting was settled before."""

    code = "governance.sighting_settled"


class GatewayLogRead(Conflict):
    """This log was read before; counting it again would count its uses twice."""

    code = "governance.gateway_log_read"
