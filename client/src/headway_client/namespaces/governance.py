"""Operations about use cases, packs, evidence and gates."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from headway_client.answers.governance import (
    AdmissionAnswer,
    Alike,
    Approval,
    BreakGlass,
    Coverage,
    CrosswalkRow,
    Evidence,
    FieldUses,
    GateResult,
    GatewayImport,
    ImageBinding,
    Impact,
    Join,
    Known,
    OperateFindings,
    OperateRun,
    Pack,
    PackDiff,
    Pitfall,
    PublishedPack,
    Quorum,
    Registration,
    Relations,
    Revocation,
    Sighting,
    Standing,
    Standings,
    System,
    TierDecision,
    TierException,
    Umbrella,
    UseCase,
    Vendor,
    VerdictRecord,
    Waiver,
)
from headway_client.answers.imports import ImportPreview
from headway_client.answers.value import UseCaseValue
from headway_client.calls import File
from headway_client.lists import Page
from headway_client.operations import Each, M, Namespace, delete, get, lists, patch, post, put
from headway_client.words import Environment, ExceptionCondition, FindingState, Language, Tier


class UseCases(Namespace[M]):
    """The inventory of AI use cases."""

    @post("/usecases")
    def open(
        self,
        *,
        slug: str,
        title: str,
        department: str,
        solution: str | None = None,
        purpose: str | None = None,
        owner: str | None = None,
        sponsor: str | None = None,
        success_measure: str | None = None,
        people_affected: str | None = None,
        risk: Mapping[str, object] | None = None,
        products: Sequence[str] = (),
        different: str | None = None,
    ) -> UseCase:
        """Open a use case; refused when one very like it is there and ``different`` does not say why this one is another.

        Args: products: references of data that it would use. different: one line, kept with the entry.
        """

    @post("/usecases/similar")
    def similar(
        self,
        *,
        title: str = "",
        purpose: str | None = None,
        department: str | None = None,
        solution: str | None = None,
        products: Sequence[str] = (),
        usecase: str | None = None,
    ) -> Page[Alike]:
        """Tell which entries are like a proposal, or like an entry that is there, and why; nothing is stored."""

    @lists("/intake", is_paged=False)
    def known(self, *, solution: str | None = None) -> Each[Known]:
        """List what the platform knows of a proposal by you, with its source, so that you need not say it."""

    @get("/usecases/{slug}/relations")
    def relations(self, slug: str) -> Relations:
        """Tell who joined a use case, and which entries it was said to differ from."""

    @post("/usecases/{slug}/join")
    def join(self, slug: str, *, department: str, what_for: str) -> Join:
        """Join a use case as its user instead of opening one like it; its owner is told."""

    @post("/usecases/{slug}/umbrella")
    def ask_umbrella(
        self,
        slug: str,
        *,
        conditions: str,
        valid_until: date | str,
        tier: Literal["minimal", "transparency"] = "minimal",
    ) -> Umbrella:
        """Ask that a use case of low risk stands as a pattern under which others register, 365 days at most."""

    @lists("/usecases")
    def list(self, *, department: str | None = None) -> Each[UseCase]:
        """List use cases by name."""

    @get("/usecases/template.xlsx")
    def template(self, *, language: Language = "en") -> bytes:
        """Give an empty workbook to fill in with use cases."""

    @get("/usecases/export.xlsx")
    def export_xlsx(
        self, *, language: Language = "en", department: str | None = None, search: str = "", sort: str = ""
    ) -> bytes:
        """Export use cases as a workbook that can be changed and sent back."""

    @get("/usecases/export.csv")
    def export_csv(
        self, *, language: Language = "en", department: str | None = None, search: str = "", sort: str = ""
    ) -> bytes:
        """Export use cases as CSV, for machines."""

    @get("/usecases/export.yaml")
    def export_yaml(self, *, department: str | None = None, search: str = "", sort: str = "") -> bytes:
        """Export use cases as YAML that can be changed and sent back."""

    @post("/usecases/imports", files=("file",))
    def stage_import(self, file: File) -> ImportPreview:
        """Send a file with use cases; the answer tells what it would change. Nothing changes yet."""

    @get("/usecases/imports/{import_id}")
    def show_import(self, import_id: str) -> ImportPreview:
        """Tell anew what a file that you sent would change, or what applying it did."""

    @post("/usecases/imports/{import_id}/apply")
    def apply_import(self, import_id: str, *, digest: str) -> ImportPreview:
        """Do what the differences with this digest told: every row, or none when anything changed since."""

    @get("/standings")
    def standings(
        self,
        *,
        department: str | None = None,
        stage: Sequence[str] = (),
        blocked: Sequence[str] = (),
        tier: Sequence[str] = (),
        search: str = "",
        sort: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> Standings:
        """Search use cases with their stage and what keeps them there; ``sort="-tier"`` falls."""

    @get("/standings/counts")
    def count_stages(
        self, *, department: str | None = None, search: str = "", tier: Sequence[str] = ()
    ) -> dict[str, int]:
        """Count use cases by stage."""

    @get("/usecases/{slug}/standing")
    def standing(self, slug: str) -> Standing:
        """Show the stage of a use case and what keeps it there."""

    @lists("/usecases/{slug}/pitfalls", is_paged=False)
    def pitfalls(self, slug: str) -> Each[Pitfall]:
        """List what makes pilots stall and shows in the facts about this use case, the most pressing first."""

    @get("/usecases/{slug}/value")
    def value(self, slug: str, *, window_days: int | None = None) -> UseCaseValue:
        """Tell what each deployment of a use case was worth, beside what the pilot promised."""

    @post("/usecases/{slug}/retire")
    def retire(self, slug: str, *, reason: str) -> UseCase:
        """Retire a use case; nothing new is released for it."""

    @post("/usecases/{slug}/reopen")
    def reopen(self, slug: str, *, reason: str) -> UseCase:
        """Take a retired use case up again."""

    @get("/usecases/{slug}")
    def show(self, slug: str) -> UseCase:
        """Show a use case, its tier, and what is missing."""

    @patch("/usecases/{slug}")
    def change(
        self,
        slug: str,
        *,
        title: str | None = None,
        department: str | None = None,
        solution: str | None = None,
        purpose: str | None = None,
        owner: str | None = None,
        sponsor: str | None = None,
        success_measure: str | None = None,
        people_affected: str | None = None,
        risk: Mapping[str, object] | None = None,
    ) -> UseCase:
        """Change fields of a use case."""

    @lists("/usecases/{slug}/tier", is_paged=False)
    def tiers(self, slug: str) -> Each[TierDecision]:
        """List the tier decisions of a use case with their traces, newest first."""

    @post("/usecases/{slug}/tier")
    def decide_tier(self, slug: str, *, tier: Tier | None = None, reasons: str = "") -> TierDecision:
        """Let the rules decide the tier, or decide it in person with reasons."""

    @get("/usecases/{slug}/gate")
    def gate(
        self,
        slug: str,
        *,
        environment: Environment,
        subject_digest: str | None = None,
        subject: str | None = None,
        gate: Literal["intake", "design", "pre_deploy", "change", "operate", "retire"] = "pre_deploy",
    ) -> GateResult:
        """Ask a gate about a subject; without a digest, about the one this use case had a verdict for last."""

    @lists("/usecases/{slug}/exceptions", is_paged=False)
    def exceptions(self, slug: str) -> Each[TierException]:
        """List the exceptions of a use case from the tier high, newest first."""

    @post("/usecases/{slug}/exceptions")
    def assess_exception(
        self, slug: str, *, condition: ExceptionCondition, reasons: str, days: int = 365
    ) -> TierException:
        """Assess that a use of Annex III is not high-risk; it counts once somebody else accepts it."""

    @post("/exceptions/{exception_id}/accept")
    def accept_exception(self, exception_id: str, *, reason: str) -> TierException:
        """Accept an exception that somebody else assessed; the tier is decided anew."""

    @post("/exceptions/{exception_id}/refuse")
    def refuse_exception(self, exception_id: str, *, reason: str) -> TierException:
        """Refuse an exception."""

    @post("/exceptions/{exception_id}/end")
    def end_exception(self, exception_id: str, *, reason: str) -> TierException:
        """End an accepted exception before its time; the tier is decided anew."""

    @get("/usecases/{slug}/coverage")
    def coverage(
        self,
        slug: str,
        *,
        environment: Environment = "production",
        subject_digest: str | None = None,
        pack: Sequence[str] = (),
    ) -> Coverage:
        """Tell what proofs there are for every control of the packs that are on, and of others named; nothing is stored."""


class Vendors(Namespace[M]):
    """Who supplies systems from outside."""

    @lists("/vendors")
    def list(self) -> Each[Vendor]:
        """List vendors by name."""

    @post("/vendors")
    def open(
        self,
        *,
        slug: str,
        name: str,
        supplies: str | None = None,
        contact: str | None = None,
        contract_ends: date | str | None = None,
        exit_plan: str | None = None,
    ) -> Vendor:
        """Write a vendor down."""

    @get("/vendors/{slug}")
    def show(self, slug: str) -> Vendor:
        """Show a vendor, its systems, and what is not in order."""

    @patch("/vendors/{slug}")
    def change(
        self,
        slug: str,
        *,
        name: str | None = None,
        supplies: str | None = None,
        contact: str | None = None,
        contract_ends: date | str | None = None,
        exit_plan: str | None = None,
    ) -> Vendor:
        """Change fields of a vendor."""

    @post("/vendors/{slug}/retire")
    def retire(self, slug: str, *, reason: str) -> Vendor:
        """Retire a vendor; refused while a system of theirs is not retired."""

    @post("/vendors/{slug}/reopen")
    def reopen(self, slug: str, *, reason: str) -> Vendor:
        """Take a retired vendor up again."""


class Systems(Namespace[M]):
    """What does the work of use cases."""

    @lists("/systems")
    def list(self, *, vendor: str | None = None) -> Each[System]:
        """List systems by name."""

    @post("/systems")
    def open(
        self,
        *,
        slug: str,
        title: str,
        kind: Literal["own", "vendor_supplied", "generative"],
        vendor: str | None = None,
        description: str | None = None,
        usecases: Sequence[str] = (),
    ) -> System:
        """Write a system down, and which use cases rest on it."""

    @get("/systems/{slug}")
    def show(self, slug: str) -> System:
        """Show a system and the use cases that rest on it."""

    @patch("/systems/{slug}")
    def change(
        self,
        slug: str,
        *,
        title: str | None = None,
        kind: Literal["own", "vendor_supplied", "generative"] | None = None,
        vendor: str | None = None,
        description: str | None = None,
    ) -> System:
        """Change fields of a system; the tier of use cases whose facts move with it is decided anew."""

    @post("/systems/{slug}/usecases")
    def link(self, slug: str, *, usecase: str) -> System:
        """Say that a use case rests on a system; what the system settles is no longer asked of people."""

    @delete("/systems/{slug}/usecases/{usecase}")
    def unlink(self, slug: str, usecase: str) -> System:
        """Say that a use case no longer rests on a system; what it alone settled is unknown again."""

    @post("/systems/{slug}/retire")
    def retire(self, slug: str, *, reason: str) -> System:
        """Retire a system; refused while a use case rests on it."""

    @post("/systems/{slug}/reopen")
    def reopen(self, slug: str, *, reason: str) -> System:
        """Take a retired system up again."""


class Umbrellas(Namespace[M]):
    """Patterns of low risk under which people register in one step."""

    @lists("/umbrellas", is_paged=False)
    def list(self, *, usecase: str | None = None) -> Each[Umbrella]:
        """List umbrellas, newest first; they are for the whole organisation."""

    @get("/umbrellas/{umbrella_id}")
    def show(self, umbrella_id: str) -> Umbrella:
        """Show an umbrella: its conditions, until when, how many registered."""

    @lists("/umbrellas/{umbrella_id}/registrations", is_paged=False)
    def registrations(self, umbrella_id: str) -> Each[Registration]:
        """List who registered under an umbrella."""

    @post("/umbrellas/{umbrella_id}/registrations")
    def register(self, umbrella_id: str, *, department: str, what_for: str) -> Registration:
        """Register under an umbrella in force, instead of opening a use case."""

    @post("/umbrellas/{umbrella_id}/approve")
    def approve(self, umbrella_id: str) -> Umbrella:
        """Put an umbrella in force. Refused to whoever asked for it."""

    @post("/umbrellas/{umbrella_id}/end")
    def end(self, umbrella_id: str, *, reason: str) -> Umbrella:
        """End an umbrella, or turn down one that is asked for; registrations under it lapse."""


class Sightings(Namespace[M]):
    """Tools for AI that are in use without an entry."""

    @post("/sightings")
    def report(self, *, tool: str, what_for: str, department: str | None = None, unnamed: bool = False) -> Sighting:
        """Report a tool that somebody uses or sees; nobody is blamed for it.

        Args: unnamed: only the AI office learns who said it.
        """

    @post("/sightings/import", files=("file",))
    def import_log(self, file: File) -> GatewayImport:
        """Read a gateway's log into the queue: CSV or JSON lines with time, host or tool, user or department, count."""

    @lists("/sightings", is_paged=False)
    def list(
        self,
        *,
        state: Literal["open", "entry", "umbrella", "joined", "dismissed"] | None = None,
        own: bool = False,
    ) -> Each[Sighting]:
        """List tools that were seen, the longest waiting first; with ``own`` those that you reported."""

    @get("/sightings/{sighting_id}")
    def show(self, sighting_id: str) -> Sighting:
        """Show a tool that was seen, and the entries that name it."""

    @post("/sightings/{sighting_id}/settle")
    def settle(
        self,
        sighting_id: str,
        *,
        outcome: Literal["entry", "umbrella", "joined", "dismissed"],
        usecase: str | None = None,
        umbrella: str | None = None,
        reason: str | None = None,
    ) -> Sighting:
        """Say what becomes of a tool that was seen."""


class Packs(Namespace[M]):
    """Policy packs: rules and controls."""

    @lists("/packs", is_paged=False)
    def list(self) -> Each[Pack]:
        """List the packs in force."""

    @lists("/packs/published", is_paged=False)
    def published(self) -> Each[PublishedPack]:
        """List every published version of every pack, on or off."""

    @post("/packs")
    def publish(self, *, pack: str) -> PublishedPack:
        """Publish a version of an own pack, as YAML: checked whole, signed, never to change; it is off at first."""

    @post("/packs/{pack_id}/switch")
    def switch(self, pack_id: str, *, is_on: bool, reason: str, version: str | None = None) -> PublishedPack:
        """Switch a pack on or off; without a version, the newest is meant."""

    @get("/packs/{pack_id}/envelope")
    def envelope(self, pack_id: str, *, digest: str | None = None) -> dict[str, Any]:
        """Give a published pack in a signed DSSE envelope."""

    @lists("/packs/crosswalk", is_paged=False)
    def crosswalk(self, *, pack: Sequence[str] = ()) -> Each[CrosswalkRow]:
        """Tell which controls each kind of evidence helps to close, over the packs that are on and others named."""

    @lists("/packs/uses", is_paged=False)
    def uses(self, *, field: str | None = None) -> Each[FieldUses]:
        """Tell what uses each field that people fill in; ``field`` is a name, or ``FORM.NAME``."""

    @get("/packs/{pack_id}")
    def show(self, pack_id: str, *, digest: str | None = None) -> Pack:
        """Show a pack: the version in force, or any published one by its digest."""

    @post("/packs/diff")
    def diff(self, *, new: str, old: str | None = None, old_version: str | None = None) -> PackDiff:
        """Tell what a pack changes against another text or a published version; nothing is stored.

        Args: new, old: packs as YAML. old_version: without ``old``; the version in force by itself.
        """

    @post("/packs/impact")
    def impact(
        self,
        *,
        pack: str | None = None,
        published: str | None = None,
        without: str | None = None,
        on: date | str | None = None,
    ) -> Impact:
        """Tell for which use cases something changes with a pack, or on a day, before it is switched on.

        Args: pack: as YAML. published: NAME or NAME@VERSION. without: a pack that would be switched off.
        """


class Quorums(Namespace[M]):
    """How many people besides the requester must say yes."""

    @lists("/quorums", is_paged=False)
    def list(self) -> Each[Quorum]:
        """List how many people besides the requester must say yes, in each environment above the sandbox."""

    @put("/quorums/{environment}")
    def set(self, environment: Environment, *, needed: int, reason: str) -> Quorum:
        """Change how many people must say yes; raising it holds for open requests too."""


class EvidenceRecords(Namespace[M]):
    """Facts about subjects, and who or what produced them."""

    @lists("/evidence")
    def list(
        self, *, subject: str | None = None, subject_digest: str | None = None, type: str | None = None
    ) -> Each[Evidence]:
        """List evidence, newest first."""

    @post("/evidence")
    def attest(
        self,
        *,
        type: str,
        subject: str,
        subject_digest: str,
        facts: Mapping[str, object] | None = None,
        payload_digest: str | None = None,
    ) -> Evidence:
        """Attest evidence in person; what jobs measure is refused here."""


class Approvals(Namespace[M]):
    """The yes of other people."""

    @lists("/approvals")
    def list(
        self,
        *,
        usecase: str | None = None,
        subject_digest: str | None = None,
        environment: Environment | None = None,
        state: Literal["requested", "approved", "rejected"] | None = None,
    ) -> Each[Approval]:
        """List approvals, newest first."""

    @post("/approvals")
    def request(self, *, subject: str, subject_digest: str, environment: Environment, usecase: str) -> Approval:
        """Ask for the yes of as many others as the quorum says."""

    @get("/approvals/{approval_id}")
    def show(self, approval_id: str) -> Approval:
        """Show an approval."""

    @post("/approvals/{approval_id}/approve")
    def approve(self, approval_id: str, *, reason: str) -> Approval:
        """Say yes; it counts once enough others did. Refused to whoever asked or voted, and when anything changed since."""

    @post("/approvals/{approval_id}/reject")
    def reject(self, approval_id: str, *, reason: str) -> Approval:
        """Say no, or take back an own request."""


class Waivers(Namespace[M]):
    """Controls excused for a while."""

    @lists("/waivers")
    def list(
        self,
        *,
        usecase: str | None = None,
        environment: Environment | None = None,
        standing: Literal["requested", "rejected", "in_force", "ending", "over", "ended"] | None = None,
    ) -> Each[Waiver]:
        """List waivers, newest first."""

    @post("/waivers")
    def request(
        self,
        *,
        usecase: str,
        environment: Environment,
        pack: str,
        control: str,
        reason: str,
        compensation: str,
        days: int = 30,
        subject_digest: str | None = None,
    ) -> Waiver:
        """Ask that a control be excused for at most 30 days; nothing is excused before somebody else grants it."""

    @get("/waivers/{waiver_id}")
    def show(self, waiver_id: str) -> Waiver:
        """Show a waiver."""

    @post("/waivers/{waiver_id}/grant")
    def grant(self, waiver_id: str, *, reason: str, days: int | None = None) -> Waiver:
        """Grant a waiver that somebody else asked for, for as long as was asked or less."""

    @post("/waivers/{waiver_id}/reject")
    def reject(self, waiver_id: str, *, reason: str) -> Waiver:
        """Say no, or take back an own request."""

    @post("/waivers/{waiver_id}/end")
    def end(self, waiver_id: str, *, reason: str) -> Waiver:
        """End a waiver before its time, or give up an own one: its control blocks again."""


class Gates(Namespace[M]):
    """The gate for what runs elsewhere: pipelines, clusters, other servers."""

    @post("/admissions")
    def check(
        self,
        *,
        subject: str,
        environment: Environment,
        gate: Literal["intake", "design", "pre_deploy", "change", "operate", "retire"] | None = None,
        problems: Sequence[str] | None = None,
    ) -> AdmissionAnswer:
        """Ask whether something may be put to work now; the answer is signed and counts for minutes.

        Args: subject: a digest, an image by digest, kind:name@version, or a use case; problems: what is wrong with the
            artefact where it lies, which refuses it.
        """

    @post("/image-bindings")
    def bind_image(self, *, image: str, bundle: str) -> ImageBinding:
        """Say which bundle an image carries; for the service of a build, never for a person."""


class BreakGlasses(Namespace[M]):
    """What two people let in in an emergency."""

    @lists("/break-glass")
    def list(
        self,
        *,
        usecase: str | None = None,
        standing: Literal["requested", "lapsed", "rejected", "open", "overdue", "justified", "not_justified"]
        | None = None,
    ) -> Each[BreakGlass]:
        """List break-glass, newest first."""

    @post("/break-glass")
    def request(
        self, *, usecase: str, environment: Environment, subject: str, subject_digest: str, reason: str
    ) -> BreakGlass:
        """Ask to let an exact subject in although its gate blocks; everybody responsible is alarmed, nothing goes in yet."""

    @get("/break-glass/{glass_id}")
    def show(self, glass_id: str) -> BreakGlass:
        """Show a break-glass."""

    @post("/break-glass/{glass_id}/confirm")
    def confirm(self, glass_id: str, *, reason: str) -> BreakGlass:
        """Confirm what somebody else asked for: it is let in for three days, and has to be reviewed within them."""

    @post("/break-glass/{glass_id}/reject")
    def reject(self, glass_id: str, *, reason: str) -> BreakGlass:
        """Say no, or take back an own request."""

    @post("/break-glass/{glass_id}/review")
    def review(self, glass_id: str, *, finding: Literal["justified", "not_justified"], review: str) -> BreakGlass:
        """Say as a third person whether it was justified; what was not stops at once."""


class Verdicts(Namespace[M]):
    """What gates said, signed."""

    @lists("/verdicts")
    def list(
        self, *, usecase: str | None = None, subject_digest: str | None = None, environment: Environment | None = None
    ) -> Each[VerdictRecord]:
        """List verdicts, newest first."""

    @get("/verdicts/{verdict_id}")
    def show(self, verdict_id: str) -> VerdictRecord:
        """Explain a verdict: every control with its reason, the facts, the packs, the approvals."""

    @get("/verdicts/{verdict_id}/envelope")
    def envelope(self, verdict_id: str) -> dict[str, Any]:
        """Give the signed DSSE envelope of a verdict."""


class Operate(Namespace[M]):
    """The operate gate: whether what is at work still holds its rules."""

    @post("/operate")
    def ask(self, *, usecase: str | None = None) -> OperateRun:
        """Ask the operate gate now; it warns, suspends and clears as it does by itself each few minutes."""

    @get("/operate/findings")
    def findings(
        self,
        *,
        department: str | None = None,
        usecase: str | None = None,
        environment: Environment | None = None,
        pack: str | None = None,
        control: str | None = None,
        state: FindingState | None = None,
        search: str = "",
        sort: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> OperateFindings:
        """Search what the operate gate found, what is suspended first."""


class Revocations(Namespace[M]):
    """Subjects that are served nowhere any more."""

    @lists("/revocations", is_paged=False)
    def list(self) -> Each[Revocation]:
        """List every revoked subject, oldest first."""
