"""The words for every event: a sentence that can be translated, who said why, and which fields it is about.

A message is a gettext id in English with named places; ``N_`` marks it for extraction. ``tests/unit`` walks the code
and fails when an event that is recorded somewhere has no words here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def N_(message: str) -> str:
    """Mark a message for translation, by gettext's customary name."""
    return message


@dataclass(frozen=True, slots=True)
class Telling:
    """How an event is told.

    ``family``: the types whose payloads hold the same fields, so that an earlier one gives the value before.
    ``fields``: the fields compared; None compares all, an empty tuple none. ``was``: fields whose payload names the
    value before itself, as (field after, field before). ``for_audit``: only for those who may read the ledger.
    """

    message: str
    why: str | None = "reason"
    family: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = ()
    was: tuple[tuple[str, str], ...] = ()
    for_audit: bool = False


_USECASE = ("usecase.opened", "usecase.updated")
_VENDOR = ("vendor.opened", "vendor.updated")
_PROGRAMME = ("programme.opened", "programme.changed")
_SYSTEM = ("system.opened", "system.updated")
_PRODUCT = ("product.registered", "product.updated")
_PRODUCT_FIELDS = ("contract_version", "rows", "failed_rows", "snapshot")
_DEPARTMENT = ("department.added", "department.updated")
_DEPLOYMENT = tuple(
    f"deployment.{verb}"
    for verb in ("created", "changed", "limited", "suspended", "resumed", "retired", "expired", "held", "let_go")
)
_DEPLOYMENT_FIELDS = ("state", "version", "release", "arms", "daily_limit", "expires_at")
_TASK = ("task.created", "task.changed")
_VIEW = ("view.saved", "view.changed")
_COMMENT = ("comment.added", "comment.edited")

ERASED = N_("%(actor)s did something to %(subject)s (%(type)s); the details were erased")
UNKNOWN = N_("%(actor)s: %(type)s on %(subject)s")

TELLINGS: Mapping[str, Telling] = {
    # people and places
    "home.prepared": Telling(N_("%(subject)s was set up on this home"), for_audit=True),
    "setup.done": Telling(N_("%(actor)s did the one-time set-up"), for_audit=True),
    "person.added": Telling(N_("%(actor)s added %(name)s")),
    "person.renamed": Telling(N_("%(actor)s wrote the name of %(subject)s anew"), fields=("name",)),
    "person.invited": Telling(N_("%(actor)s made a new invitation for %(subject)s"), for_audit=True),
    "person.joined": Telling(N_("%(actor)s joined")),
    "person.deactivated": Telling(N_("%(actor)s closed the account of %(subject)s")),
    "person.linked": Telling(N_("%(subject)s signs in with an identity provider from now on"), for_audit=True),
    "role.kept": Telling(N_("%(subject)s keeps the role %(role)s: %(why)s"), why=None, for_audit=True),
    "provider.added": Telling(N_("%(actor)s added the identity provider %(subject)s"), for_audit=True),
    "provider.changed": Telling(N_("%(actor)s changed the identity provider %(subject)s"), for_audit=True),
    "provider.removed": Telling(N_("%(actor)s removed the identity provider %(subject)s"), for_audit=True),
    "role.granted": Telling(N_("%(actor)s gave %(subject)s the role %(role)s in %(department)s")),
    "role.revoked": Telling(N_("%(actor)s took the role %(role)s in %(department)s from %(subject)s")),
    "department.added": Telling(N_("%(actor)s added the department %(name)s")),
    "department.updated": Telling(N_("%(actor)s changed the department %(name)s"), family=_DEPARTMENT, fields=None),
    "account.locked": Telling(N_("Sign-in was locked for %(minutes)s minutes after failed attempts"), for_audit=True),
    "session.opened": Telling(N_("%(actor)s signed in"), for_audit=True),
    "session.closed": Telling(N_("%(actor)s ended a session"), for_audit=True),
    "link.made": Telling(N_("%(actor)s made a one-time link to sign in for %(subject)s"), for_audit=True),
    "password.changed": Telling(N_("%(actor)s changed their password"), for_audit=True),
    "token.created": Telling(N_("%(actor)s made the token %(name)s for %(owner)s"), for_audit=True),
    "token.revoked": Telling(N_("%(actor)s revoked a token of %(owner)s"), for_audit=True),
    "gate.refused": Telling(N_("The gate refused %(subject)s, which %(actor)s asked for"), for_audit=True),
    "access.denied": Telling(N_("%(actor)s was refused: %(action)s on %(resource)s"), for_audit=True),
    "ledger.erased": Telling(N_("%(actor)s erased the personal details of %(subject)s"), for_audit=True),
    # governance
    "usecase.opened": Telling(N_("%(actor)s opened the use case %(title)s")),
    "usecase.updated": Telling(N_("%(actor)s changed the use case %(subject)s"), family=_USECASE, fields=None),
    "usecase.retired": Telling(N_("%(actor)s retired the use case %(subject)s")),
    "usecase.reopened": Telling(N_("%(actor)s took the use case %(subject)s up again")),
    "usecase.settled": Telling(N_("What the systems of %(subject)s settle was taken over")),
    "vendor.opened": Telling(N_("%(actor)s wrote down the vendor %(name)s")),
    "vendor.updated": Telling(N_("%(actor)s changed the vendor %(subject)s"), family=_VENDOR, fields=None),
    "vendor.retired": Telling(N_("%(actor)s retired the vendor %(subject)s")),
    "vendor.reopened": Telling(N_("%(actor)s took the vendor %(subject)s up again")),
    "system.opened": Telling(N_("%(actor)s wrote down the system %(title)s")),
    "system.updated": Telling(N_("%(actor)s changed the system %(subject)s"), family=_SYSTEM, fields=None),
    "system.linked": Telling(N_("%(actor)s said that %(usecase)s rests on %(subject)s")),
    "system.unlinked": Telling(N_("%(actor)s said that %(usecase)s no longer rests on %(subject)s")),
    "system.retired": Telling(N_("%(actor)s retired the system %(subject)s")),
    "system.reopened": Telling(N_("%(actor)s took the system %(subject)s up again")),
    "usecase.joined": Telling(N_("%(actor)s joined the use case %(subject)s for %(department)s: %(what_for)s")),
    "usecase.distinguished": Telling(N_("%(actor)s said why %(subject)s is another use case than one like it")),
    "umbrella.asked": Telling(N_("%(actor)s asked that %(subject)s stands as an umbrella until %(valid_until)s")),
    "umbrella.approved": Telling(N_("%(actor)s put %(subject)s in force as an umbrella until %(valid_until)s")),
    "umbrella.ended": Telling(N_("%(actor)s ended the umbrella %(subject)s")),
    "umbrella.registered": Telling(N_("%(actor)s registered under the umbrella %(subject)s for %(department)s")),
    "sighting.reported": Telling(N_("%(actor)s reported the tool %(tool)s"), for_audit=True),
    "sighting.reopened": Telling(N_("The tool %(tool)s was seen again after it had been dismissed"), for_audit=True),
    "sighting.settled": Telling(N_("%(actor)s settled the tool %(tool)s: %(outcome)s"), for_audit=True),
    "gateway_log.read": Telling(N_("%(actor)s read a gateway's log of %(lines)s lines"), for_audit=True),
    "tier.decided": Telling(
        N_("%(actor)s decided the legal tier: %(tier)s"), why="reasons", fields=("tier",), was=(("tier", "before"),)
    ),
    "pack.published": Telling(N_("The policy pack %(subject)s was published")),
    "pack.switched_on": Telling(N_("%(actor)s switched the policy pack %(subject)s on, version %(version)s")),
    "pack.switched_off": Telling(N_("%(actor)s switched the policy pack %(subject)s off")),
    "evidence.recorded": Telling(N_("%(actor)s recorded evidence for %(subject)s: %(type)s")),
    "evidence.renewed": Telling(N_("%(actor)s renewed evidence for %(subject)s: %(type)s"), for_audit=True),
    "operate.warned": Telling(
        N_("The operate gate warns about %(subject)s in %(environment)s: %(control)s, %(title)s")
    ),
    "operate.suspended": Telling(
        N_("The operate gate has suspended %(subject)s in %(environment)s: %(control)s, %(title)s")
    ),
    "operate.cleared": Telling(
        N_("The operate gate has nothing more against %(subject)s in %(environment)s: %(control)s"), why=None
    ),
    "gate.passed": Telling(N_("%(subject)s passed the gate %(gate)s for %(environment)s")),
    "verdict.issued": Telling(N_("The gate answered %(result)s for %(subject)s in %(environment)s")),
    "quorum.changed": Telling(
        N_("%(actor)s set the quorum of %(environment)s to %(needed)s"),
        fields=("needed",),
        was=(("needed", "before"),),
        for_audit=True,
    ),
    "resources.requested": Telling(N_("%(actor)s asked for means for %(subject)s")),
    "allocation.drafted": Telling(N_("%(actor)s drafted the round %(title)s over %(usecases)s use cases")),
    "allocation.decided": Telling(N_("%(actor)s decided the round %(subject)s")),
    "replay.started": Telling(N_("%(actor)s began to replay a past time of %(usecase)s")),
    "replay.finished": Telling(N_("%(subject)s is done: a past time of %(usecase)s was replayed")),
    "replay.failed": Telling(N_("%(subject)s failed: %(detail)s")),
    "rates.set": Telling(
        N_("%(actor)s set what computing costs from %(valid_from)s on"),
        fields=("cpu_hour", "thousand_decisions", "month"),
        for_audit=True,
    ),
    "risk.added": Telling(N_("%(actor)s wrote down a risk of %(usecase)s: %(title)s")),
    "risk.estimated": Telling(N_("%(actor)s estimated a risk of %(usecase)s anew: %(title)s")),
    "risk.treated": Telling(N_("%(actor)s treats a risk of %(usecase)s: %(title)s")),
    "risk.treatment_done": Telling(N_("%(actor)s is done with treating a risk of %(usecase)s: %(title)s")),
    "risk.closed": Telling(N_("%(actor)s closed a risk of %(usecase)s: %(title)s")),
    "assessment_template.published": Telling(
        N_("%(actor)s published version %(version)s of the template %(subject)s"), why=None
    ),
    "assessment_template.retired": Telling(N_("%(actor)s retired the template %(subject)s")),
    "assessment.opened": Telling(N_("%(actor)s opened the assessment %(template)s of %(usecase)s")),
    "assessment.submitted": Telling(N_("%(actor)s submitted the assessment %(template)s of %(usecase)s")),
    "assessment.signed": Telling(N_("%(actor)s signed the assessment %(template)s of %(usecase)s")),
    "assessment.returned": Telling(N_("%(actor)s gave back the assessment %(template)s of %(usecase)s")),
    "assessor.appointed": Telling(N_("%(actor)s gave %(person)s the seat %(seat)s"), for_audit=True),
    "assessor.dismissed": Telling(N_("%(actor)s ended the seat %(seat)s of %(person)s"), for_audit=True),
    "discount_rate.set": Telling(
        N_("%(actor)s set the discount rate to %(percent)s %% from %(valid_from)s on"),
        fields=("percent",),
        for_audit=True,
    ),
    "projection.made": Telling(
        N_("%(actor)s projected what %(usecase)s brings and costs"),
        fields=("npv_p50", "probability_of_loss", "percent"),
    ),
    "subject.revoked": Telling(N_("%(actor)s revoked %(subject)s for good")),
    "approval.requested": Telling(N_("%(actor)s asked for approval of %(subject)s in %(environment)s")),
    "approval.voted": Telling(
        N_("%(actor)s said yes to %(subject)s in %(environment)s: %(votes)s of %(needed)s needed")
    ),
    "approval.approved": Telling(N_("%(actor)s approved %(subject)s for %(environment)s")),
    "approval.rejected": Telling(N_("%(actor)s rejected %(subject)s for %(environment)s")),
    "council.body_set": Telling(N_("%(actor)s set how %(subject)s decides"), why=None),
    "council.body_ended": Telling(N_("%(actor)s dissolved %(subject)s")),
    "council.seated": Telling(N_("%(actor)s gave %(person)s the seat %(seat)s of %(subject)s"), why=None),
    "council.unseated": Telling(N_("%(person)s left the seat %(seat)s of %(subject)s"), why=None),
    "council.delegated": Telling(
        N_("%(actor)s lets %(taker)s vote for the seat %(seat)s of %(subject)s until %(until)s"), why=None
    ),
    "council.delegation_ended": Telling(
        N_("%(actor)s ended a delegation of the seat %(seat)s of %(subject)s"), why=None
    ),
    "council.opened": Telling(N_("%(usecase)s came before the council for %(environment)s"), why=None),
    "council.decided_by_rules": Telling(N_("Rules decided an intake under %(usecase)s without people"), why=None),
    "council.recused": Telling(N_("%(actor)s takes no part in deciding on %(usecase)s")),
    "council.reviewed": Telling(N_("%(actor)s reviewed %(usecase)s for the council as %(part)s")),
    "council.condition_proposed": Telling(N_("%(actor)s proposed a condition for %(usecase)s: %(text)s"), why=None),
    "council.voted": Telling(N_("%(actor)s voted %(choice)s on %(usecase)s for the seat %(seat)s")),
    "council.escalated": Telling(
        N_("The council did not decide on %(usecase)s in time; its sponsor decides how to go on"), why=None
    ),
    "council.extended": Telling(N_("%(actor)s gave the council until %(closes_at)s to decide on %(usecase)s")),
    "council.approved": Telling(N_("The council said yes to %(usecase)s"), why=None),
    "council.rejected": Telling(N_("The council said no to %(usecase)s"), why=None),
    "council.lapsed": Telling(N_("What was before the council about %(usecase)s lapsed"), why=None),
    "council.condition_met": Telling(N_("%(actor)s shows that a condition for %(usecase)s is met")),
    "council.condition_accepted": Telling(N_("%(actor)s accepted that a condition for %(usecase)s is met")),
    "council.condition_returned": Telling(N_("%(actor)s did not accept what was shown for a condition of %(usecase)s")),
    "council.closing_soon": Telling(N_("The vote of the council on %(usecase)s ends at %(closes_at)s"), why=None),
    "council.condition_given": Telling(N_("%(actor)s gave a condition for %(usecase)s to somebody else: %(text)s")),
    "council.condition_near": Telling(N_("A condition for %(usecase)s is due at %(due_at)s: %(text)s"), why=None),
    "council.condition_missed": Telling(
        N_("A condition for %(usecase)s was missed, and blocks releases: %(text)s"), why=None
    ),
    "council.meeting_planned": Telling(N_("%(actor)s called %(subject)s for %(starts_at)s"), why=None),
    "council.meeting_moved": Telling(N_("%(actor)s moved %(subject)s to %(starts_at)s")),
    "council.meeting_cancelled": Telling(N_("%(actor)s cancelled %(subject)s")),
    "council.meeting_near": Telling(N_("%(subject)s begins at %(starts_at)s"), why=None),
    "council.meeting_opened": Telling(N_("%(actor)s opened %(subject)s"), why=None),
    "council.meeting_held": Telling(N_("%(actor)s closed %(subject)s"), why=None),
    "council.agenda_set": Telling(N_("%(actor)s set the agenda of %(subject)s")),
    "council.attended": Telling(N_("%(person)s is at %(subject)s"), why=None),
    "council.minutes_made": Telling(N_("%(actor)s wrote the minutes of %(subject)s, number %(number)s"), why=None),
    "council.minutes_approved": Telling(
        N_("%(actor)s approved the minutes of %(subject)s, number %(number)s"), why=None
    ),
    "council.calendar_made": Telling(N_("%(actor)s made an address for their calendar"), why=None, for_audit=True),
    "council.calendar_ended": Telling(
        N_("%(actor)s took away the address of their calendar"), why=None, for_audit=True
    ),
    "exception.assessed": Telling(N_("%(actor)s assessed that %(usecase)s is no high-risk use: %(condition)s")),
    "exception.accepted": Telling(
        N_("%(actor)s accepted the exception of %(usecase)s from the tier high until %(until)s")
    ),
    "exception.refused": Telling(N_("%(actor)s refused the exception of %(usecase)s from the tier high")),
    "exception.ended": Telling(N_("%(actor)s ended the exception of %(usecase)s from the tier high")),
    "programme.opened": Telling(N_("%(actor)s opened the programme %(title)s")),
    "programme.changed": Telling(
        N_("%(actor)s changed the programme %(title)s"), fields=("title", "sponsor", "departments"), family=_PROGRAMME
    ),
    "mandate.drafted": Telling(
        N_("%(actor)s drafted a mandate for %(subject)s until %(until)s; it waits for the sponsor")
    ),
    "mandate.signed": Telling(N_("%(actor)s signed the mandate for %(subject)s until %(until)s")),
    "mandate.withdrawn": Telling(N_("%(actor)s withdrew the mandate for %(subject)s")),
    "mandate.ending": Telling(
        N_("The mandate for %(subject)s ends on %(until)s; without a new one nothing new is taken in")
    ),
    "mandate.lapsed": Telling(N_("The mandate for %(subject)s ended on %(until)s: nothing new is taken in")),
    "appetite.adopted": Telling(
        N_("%(actor)s adopted version %(version)s of the risk appetite; a sponsor confirms it")
    ),
    "appetite.confirmed": Telling(N_("%(actor)s put version %(version)s of the risk appetite in force")),
    "rights.drafted": Telling(N_("%(actor)s changed the draft of the decision rights"), for_audit=True),
    "rights.adopted": Telling(
        N_("%(actor)s adopted version %(version)s of the decision rights; a sponsor confirms it")
    ),
    "rights.confirmed": Telling(N_("%(actor)s put version %(version)s of the decision rights in force")),
    "usecase.stakes_estimated": Telling(
        N_("%(actor)s estimated what is at stake in %(subject)s"),
        family=("usecase.stakes_estimated",),
        fields=("people", "money_minor", "currency"),
    ),
    "waiver.requested": Telling(N_("%(actor)s asked to waive %(control)s for %(usecase)s in %(environment)s")),
    "waiver.granted": Telling(N_("%(actor)s waived %(control)s for %(usecase)s in %(environment)s until %(until)s")),
    "waiver.rejected": Telling(N_("%(actor)s did not waive %(control)s for %(usecase)s in %(environment)s")),
    "waiver.ended": Telling(N_("%(actor)s ended the waiver of %(control)s for %(usecase)s in %(environment)s")),
    "break_glass.requested": Telling(
        N_("%(actor)s asks to break the glass for %(subject)s: to let what its gate blocks into %(environment)s")
    ),
    "break_glass.confirmed": Telling(
        N_(
            "%(actor)s broke the glass for %(subject)s: what its gate blocks may be served in %(environment)s until %(until)s"
        )
    ),
    "break_glass.rejected": Telling(N_("%(actor)s did not break the glass for %(subject)s")),
    "break_glass.reviewed": Telling(N_("%(actor)s reviewed the broken glass for %(subject)s: %(finding)s")),
    # data and models
    "import.applied": Telling(N_("%(actor)s applied the changes of the file %(file)s"), for_audit=True),
    "upload.kept": Telling(N_("%(actor)s sent a file"), for_audit=True),
    "data.requested": Telling(
        N_("%(actor)s asks for access to the data product %(product)s until %(until)s: %(purpose)s"), why=None
    ),
    "data.granted": Telling(N_("%(actor)s granted access to the data product %(product)s until %(until)s")),
    "data.rejected": Telling(N_("%(actor)s refused access to the data product %(product)s")),
    "data.withdrawn": Telling(N_("%(actor)s withdrew access to the data product %(product)s")),
    "data.ending": Telling(N_("Access to the data product %(product)s ends on %(until)s"), why=None),
    "data.version_ending": Telling(
        N_("%(actor)s ends what you read of the data product %(product)s; its last day is %(until)s")
    ),
    "data.ended": Telling(N_("Access to the data product %(product)s ended on %(until)s"), why=None),
    "port.added": Telling(N_("%(actor)s let %(subject)s be read from the input %(port)s"), why=None),
    "port.changed": Telling(N_("%(actor)s changed how often the input %(port)s of %(subject)s is read"), why=None),
    "port.read": Telling(N_("%(actor)s read the input %(port)s of %(subject)s"), why=None, for_audit=True),
    "port.failed": Telling(N_("The input %(port)s of %(subject)s could not be read")),
    "port.removed": Telling(N_("%(actor)s removed the input %(port)s of %(subject)s"), why=None),
    "product.described": Telling(N_("%(actor)s described the data product %(product)s")),
    "product.deprecated": Telling(
        N_("%(actor)s gave version %(version)s of the data product %(product)s a last day: %(until)s")
    ),
    "product.reinstated": Telling(N_("%(actor)s keeps version %(version)s of the data product %(product)s after all")),
    "contract.proposed": Telling(
        N_("%(actor)s proposes version %(version)s of the contract of %(product)s; answer by %(until)s")
    ),
    "contract.accepted": Telling(N_("%(actor)s agrees to version %(version)s of the contract of %(product)s")),
    "contract.objected": Telling(N_("%(actor)s objects to version %(version)s of the contract of %(product)s")),
    "contract.handed_on": Telling(
        N_("%(actor)s lets you answer for them about version %(version)s of the contract of %(product)s"), why=None
    ),
    "contract.answer_near": Telling(
        N_("Version %(version)s of the contract of %(product)s takes effect after %(until)s: say what you think of it"),
        why=None,
    ),
    "contract.changed": Telling(N_("Version %(version)s of the contract of %(product)s is in force")),
    "contract.withdrawn": Telling(N_("%(actor)s withdrew version %(version)s of the contract of %(product)s")),
    "product.registered": Telling(N_("%(actor)s added the data product %(subject)s with %(rows)s rows")),
    "product.updated": Telling(
        N_("%(actor)s brought new data to %(subject)s: %(rows)s rows"), family=_PRODUCT, fields=_PRODUCT_FIELDS
    ),
    "product.enforced": Telling(N_("%(actor)s chose for the port %(port)s of %(subject)s what bad rows do: %(mode)s")),
    "product.rated": Telling(N_("%(actor)s says how critical %(subject)s is: %(level)s")),
    "minima.set": Telling(N_("%(actor)s set what data products must reach at least from %(valid_from)s on")),
    "product.unusual": Telling(N_("The newest snapshot of %(subject)s is not like those before: %(what)s")),
    "batch.refused": Telling(
        N_("A batch for %(subject)s was refused: %(bad_rows)s of %(rows)s rows break the contract")
    ),
    "batch.quarantined": Telling(N_("%(bad_rows)s of %(rows)s rows for %(subject)s were set aside in the quarantine")),
    "batch.mended": Telling(N_("%(actor)s mended rows in the quarantine of %(subject)s: %(rows)s")),
    "batch.dismissed": Telling(N_("%(actor)s gave up rows in the quarantine of %(subject)s: %(rows)s")),
    "batch.replayed": Telling(N_("%(actor)s let mended rows into %(subject)s: %(rows)s")),
    "product.repaired": Telling(N_("%(actor)s repaired %(cells)s cells of %(subject)s")),
    "product.repairs_refused": Telling(N_("%(actor)s refused %(cells)s suggestions for %(subject)s")),
    "product.repairs_undone": Telling(N_("%(actor)s took %(cells)s repaired cells of %(subject)s back")),
    "product.labelled": Telling(N_("%(actor)s labelled rows of %(subject)s")),
    "product.retention_set": Telling(N_("%(actor)s changed how long snapshots of %(subject)s are kept")),
    "product.compacted": Telling(N_("The files of %(subject)s were put together"), for_audit=True),
    "product.expired": Telling(N_("Old snapshots of %(subject)s were given up")),
    "run.recorded": Telling(N_("%(actor)s trained %(version)s")),
    "model.version_registered": Telling(N_("%(actor)s registered %(subject)s, learnt with %(learner)s")),
    "model.alias_moved": Telling(
        N_("%(actor)s pointed the alias %(alias)s of %(subject)s at version %(version)s"),
        fields=("version",),
        was=(("version", "before"),),
    ),
    "release.requested": Telling(N_("%(actor)s asked to release %(subject)s into %(environment)s")),
    "release.approved": Telling(N_("%(actor)s approved the release of %(subject)s into %(environment)s")),
    "release.rejected": Telling(N_("%(actor)s rejected the release of %(subject)s into %(environment)s")),
    "release.released": Telling(N_("%(actor)s released %(subject)s into %(environment)s")),
    "release.revoked": Telling(N_("%(actor)s revoked %(subject)s; no node serves it any more")),
    # serving
    "deployment.created": Telling(N_("%(actor)s deployed %(version)s as %(subject)s")),
    "deployment.changed": Telling(
        N_("%(actor)s deployed %(version)s as %(subject)s"), family=_DEPLOYMENT, fields=_DEPLOYMENT_FIELDS
    ),
    "deployment.expired": Telling(
        N_("%(subject)s has reached its end and was suspended"), family=_DEPLOYMENT, fields=_DEPLOYMENT_FIELDS
    ),
    "deployment.suspended": Telling(
        N_("%(actor)s suspended %(subject)s"), family=_DEPLOYMENT, fields=_DEPLOYMENT_FIELDS
    ),
    "deployment.held": Telling(
        N_("The operate gate suspended %(subject)s"), family=_DEPLOYMENT, fields=_DEPLOYMENT_FIELDS
    ),
    "deployment.let_go": Telling(
        N_("The operate gate no longer suspends %(subject)s"),
        why=None,
        family=_DEPLOYMENT,
        fields=_DEPLOYMENT_FIELDS,
    ),
    "kill_switch.pulled": Telling(N_("%(actor)s pulled the kill switch for %(subject)s")),
    "deployment.resumed": Telling(N_("%(actor)s resumed %(subject)s"), family=_DEPLOYMENT, fields=_DEPLOYMENT_FIELDS),
    "deployment.retired": Telling(N_("%(actor)s retired %(subject)s"), family=_DEPLOYMENT, fields=_DEPLOYMENT_FIELDS),
    "deployment.limited": Telling(
        N_("%(actor)s set the daily limit of %(subject)s"), family=_DEPLOYMENT, fields=_DEPLOYMENT_FIELDS
    ),
    "grant.given": Telling(N_("%(actor)s let %(principal)s use %(subject)s: %(scopes)s")),
    "grant.revoked": Telling(N_("%(actor)s took back a grant on %(subject)s: %(scope)s")),
    "segment.sealed": Telling(N_("%(records)s records of a decision log were taken in from %(actor)s"), for_audit=True),
    "segment.refused": Telling(N_("A segment of a decision log was refused: %(subject)s"), for_audit=True),
    "outcomes.imported": Telling(N_("%(actor)s brought in outcomes: %(added)s new of %(rows)s rows")),
    # monitoring
    "alert.opened": Telling(N_("An alert about %(deployment)s: %(about)s, since %(since)s")),
    "alert.worsened": Telling(N_("An alert about %(deployment)s grew serious: %(about)s")),
    "alert.acknowledged": Telling(N_("%(actor)s looks into an alert about %(deployment)s: %(about)s")),
    "alert.closed": Telling(N_("%(actor)s closed an alert about %(deployment)s: %(about)s")),
    "alert.ended": Telling(N_("An alert about %(deployment)s has ended: %(about)s")),
    # incidents
    "incident.opened": Telling(N_("%(actor)s reported an incident: %(title)s"), why="what"),
    "incident.updated": Telling(
        N_("%(actor)s told more of the incident %(title)s"),
        family=("incident.opened", "incident.updated"),
        fields=(
            "severity",
            "harm",
            "widespread",
            "personal_data_breach",
            "risk_to_persons",
            "concerns",
            "found_at",
            "aware_at",
            "started_at",
            "ended_at",
            "cause",
        ),
    ),
    "incident.placed": Telling(N_("%(actor)s said whether the incident %(title)s is in %(jurisdiction)s: %(is_in)s")),
    "incident.clock_started": Telling(N_("A clock runs for %(title)s until %(ends)s: %(what)s (%(clock)s)"), why="why"),
    "incident.clock_stopped": Telling(N_("A clock of %(title)s is ruled out: %(what)s (%(clock)s)")),
    "incident.clock_met": Telling(N_("%(actor)s did in %(title)s what a clock asks for: %(what)s (%(clock)s)")),
    "incident.clock_judged": Telling(N_("%(actor)s judged a clock of %(title)s not due: %(what)s (%(clock)s)")),
    "incident.clock_ending": Telling(N_("A clock of %(title)s ends soon, on %(ends)s: %(what)s (%(clock)s)"), why=None),
    "incident.clock_passed": Telling(
        N_("A clock of %(title)s has passed, on %(ends)s: %(what)s (%(clock)s)"), why=None
    ),
    "incident.counted": Telling(
        N_(
            "%(actor)s counted what the incident %(title)s touched: %(decisions)s decisions about %(subjects)s known subjects"
        )
    ),
    "incident.listed": Telling(
        N_("%(actor)s took the list of the decisions that %(title)s touched: %(rows)s rows"), for_audit=True
    ),
    "incident.stopped": Telling(N_("%(actor)s stopped what the incident %(title)s reaches: %(stopped)s")),
    "incident.lifted": Telling(N_("%(actor)s lifted what the incident %(title)s had stopped: %(lifted)s")),
    "incident.drafted": Telling(N_("%(actor)s drafted a notification about %(title)s: %(what)s (%(clock)s)")),
    "incident.sent": Telling(N_("%(actor)s noted that a notification about %(title)s was sent to %(to)s (%(clock)s)")),
    "incident.contained": Telling(N_("%(actor)s noted that the incident %(title)s does no more harm")),
    "incident.corrected": Telling(N_("%(actor)s noted that the causes of the incident %(title)s are mended")),
    "incident.closed": Telling(N_("%(actor)s closed the incident %(title)s")),
    "incident.reopened": Telling(N_("%(actor)s opened the incident %(title)s again")),
    "incident.clocks_published": Telling(N_("%(actor)s published clocks of incidents: %(title)s (%(set)s)")),
    # pilots
    "pilot.started": Telling(N_("%(actor)s started the pilot %(name)s with %(solution)s")),
    "pilot.retried": Telling(N_("%(actor)s took the pilot %(subject)s up again")),
    "pilot.finished": Telling(N_("The pilot %(subject)s has ended; its report is there")),
    "pilot.failed": Telling(N_("The pilot %(subject)s failed: %(detail)s"), why=None),
    # scaling
    "dossier.made": Telling(N_("%(actor)s made %(subject)s"), fields=("kind", "gaps")),
    "dossier.failed": Telling(N_("Making %(subject)s failed: %(detail)s"), why=None),
    "scaleplan.started": Telling(N_("%(actor)s began a plan to take %(usecase)s to %(department)s")),
    "scaleplan.finished": Telling(N_("The plan to take %(usecase)s to %(department)s is there")),
    "scaleplan.failed": Telling(N_("The plan %(subject)s failed: %(detail)s"), why=None),
    "scaleplan.labelled": Telling(
        N_("%(actor)s brought %(used)s labels to the plan %(subject)s: its forecast is %(state)s")
    ),
    # working together
    "comment.added": Telling(N_("%(actor)s commented on %(subject)s")),
    "comment.edited": Telling(N_("%(actor)s edited a comment on %(subject)s"), family=_COMMENT, fields=("text",)),
    "comment.resolved": Telling(N_("%(actor)s resolved a discussion on %(subject)s")),
    "comment.reopened": Telling(N_("%(actor)s opened a discussion on %(subject)s again")),
    "comment.deleted": Telling(N_("%(actor)s deleted a comment on %(subject)s")),
    "task.created": Telling(N_("%(actor)s gave %(assignee)s a task: %(title)s")),
    "task.changed": Telling(N_("%(actor)s changed the task %(title)s"), family=_TASK, fields=None),
    "task.done": Telling(N_("%(actor)s did the task %(title)s"), why="note"),
    "task.cancelled": Telling(N_("%(actor)s cancelled the task %(title)s"), why="note"),
    "task.reopened": Telling(N_("%(actor)s opened the task %(title)s again"), why="note"),
    "view.saved": Telling(N_("%(actor)s saved the view %(name)s"), for_audit=True),
    "view.changed": Telling(N_("%(actor)s changed the view %(name)s"), family=_VIEW, fields=None, for_audit=True),
    "view.removed": Telling(N_("%(actor)s removed the view %(name)s"), for_audit=True),
    "preferences.changed": Telling(N_("%(actor)s changed how they are told"), for_audit=True),
    "webhook.added": Telling(N_("%(actor)s added a webhook of %(owner)s to %(host)s"), for_audit=True),
    "webhook.renewed": Telling(N_("%(actor)s renewed the secret of a webhook to %(host)s"), for_audit=True),
    "webhook.removed": Telling(N_("%(actor)s removed a webhook to %(host)s"), for_audit=True),
}

# What notifications say beside the sentences of events.
TASK_SOON = N_("The task %(title)s is due on %(due_on)s")
TASK_LATE = N_("The task %(title)s was due on %(due_on)s")
JOB_DONE = N_("Your job %(name)s is done")
JOB_FAILED = N_("Your job %(name)s failed: %(detail)s")
REFUSALS = ("access.denied", "gate.refused")
REFUSED = N_("The gate does not let %(subject)s in: %(reason)s")
MENTIONED = N_("%(actor)s mentioned you in a comment on %(subject)s")
DIGEST_SUBJECT = N_("%(count)s things in Headway concern you")
SEVERAL = N_("This happened, and concerns you:")
OPEN_IT = N_("Open it")
FOOT = N_("Choose what you are told, and how:")


def fill(message: str, values: Mapping[str, str], translate: Callable[[str], str] | None = None) -> str:
    """Put values into a message, translated when ``translate`` is given; a place without value shows a dash."""
    text = translate(message) if translate else message
    return text % _Dashes(values)


class _Dashes(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def shown(value: object) -> str:
    """Write a payload's value for people: texts as they are, lists with commas, yes and no, a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value) or "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {shown(held)}" for name, held in value.items()) or "–"
    return str(value)
