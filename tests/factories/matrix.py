"""One real thing of each kind in one department, a person for each role and place, and rules that remember what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from headway import (
    catalog,
    collaboration,
    dossiers,
    governance,
    identity,
    incidents,
    ledger,
    portfolio,
    registry,
    scaling,
    serving,
)
from headway.catalog import access, changes, connectors, repairs
from headway.entrypoints.pages.assessment_templates import BEGINNING
from headway.governance import assessments, mandates, risks
from headway.identity import Role
from headway.kernel import clock, ids
from headway.kernel.auth import Actor, Authorizer, Resource
from headway.kernel.canonical import file_digest
from headway.kernel.errors import Conflict
from headway.kernel.ids import Ref
from headway.kernel.listing import ListQuery
from headway.kernel.web import Parts
from headway.monitoring.tables import AlertRow
from headway.solutions.sales import lead_scoring
from headway.value import projections
from tests.factories.council import before_council
from tests.factories.governance import MINIMAL_RISK
from tests.factories.projections import assumptions
from tests.factories.risks import estimate
from tests.factories.serving import SmallNode, prepare_keys
from tests.factories.twins import SOURCE

THERE, ELSEWHERE = "sales", "hr"


class Stop(Conflict):
    """A change was allowed; it is not made."""

    code = "tests.stop"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the rules and their answer; ``must`` says that a refusal ends the request."""

    action: str
    resource: str
    is_allowed: bool
    must: bool


@dataclass(slots=True)
class Remembering:
    """The rules in force, with everything that they were asked. While ``is_dry``, the first allowed change raises Stop."""

    rules: Authorizer
    asked: list[Asked] = field(default_factory=list)
    is_dry: bool = False

    def check(self, actor: Actor, action: str, resource: Resource) -> None:
        """Ask, remember, refuse as the rules do."""
        is_allowed = self.rules.allows(actor, action, resource)
        self.asked.append(Asked(action, f"{resource.kind}:{resource.id}", is_allowed, must=True))
        self.rules.check(actor, action, resource)
        if self.is_dry and not action.endswith(":read"):
            raise Stop(f"{action} is allowed")

    def allows(self, actor: Actor, action: str, resource: Resource) -> bool:
        """Ask and remember."""
        is_allowed = self.rules.allows(actor, action, resource)
        self.asked.append(Asked(action, f"{resource.kind}:{resource.id}", is_allowed, must=False))
        return is_allowed

    @contextmanager
    def listening(self, *, dry: bool = False) -> Iterator[list[Asked]]:
        """Remember anew; afterwards the list holds what was asked meanwhile."""
        self.asked, self.is_dry = [], dry
        heard = self.asked
        try:
            yield heard
        finally:
            self.asked, self.is_dry = [], False


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds one role somewhere, or none, with the secret of their session."""

    name: str
    role: Role | None
    place: str | None
    secret: str


# Each role there, elsewhere and everywhere (None), and nobody's; and a few of them for a small dose.
EVERYBODY: tuple[tuple[Role | None, str | None], ...] = (
    (None, None),
    *((role, place) for role in Role for place in (THERE, ELSEWHERE, None)),
)
A_FEW = ((None, None), (Role.data_owner, THERE), (Role.department_head, ELSEWHERE), (Role.auditor, None))


def holders(parts: Parts, wanted: Iterable[tuple[Role | None, str | None]]) -> tuple[Holder, ...]:
    """A person for each role and place wanted."""
    owner = Actor(ref="person:local", name="Local owner")
    found = []
    with parts.database.session() as session:
        for role, place in wanted:
            name = f"{role.value} {place or 'everywhere'}" if role else "nobody"
            invited = identity.add_person(session, owner, name=name, email=f"{name.replace(' ', '.')}@example.org")
            if role is not None:
                identity.grant_role(
                    session, owner, principal=Ref.parse(invited.person.ref), role=role, department=place
                )
            secret = identity.open_session(session, invited.person).secret
            found.append(Holder(name, role, place, secret))
    return tuple(found)


def furnish(parts: Parts, folder: Path) -> dict[str, str]:
    """Run a pilot, decide by it, ask for a release, speak about it; returns what each thing is called."""
    prepare_keys(parts)
    parts.jobs.define("pilot", portfolio.pilot_job)
    parts.jobs.define(portfolio.REPLAY, portfolio.replay_job)
    maker = _maker(parts)
    result, job = _pilot(parts, maker, folder)
    decision = _decision(parts, folder, result["deployment"]["name"])
    planned = {
        "plan": _plan(parts, maker, folder),
        "alert": _alert(parts, result),
        "dossier": _dossier(parts, maker, result),
        "clock": "OWN-CAUSE",
        **_incident(parts, maker, result),
    }
    named = {**decision, **planned, "job": job, **_told(parts, maker, result, folder)}
    ledger.sequence(parts.database, parts.storage, parts.signer)
    with parts.database.session() as session:
        return {**named, "size": str(ledger.checkpoint(session).size)}


def _maker(parts: Parts) -> Actor:
    with parts.database.session() as session:
        identity.setup_home(session)
        owner = Actor(ref="person:local", name="Local owner")
        for slug in (THERE, ELSEWHERE):
            identity.ensure_department(session, owner, slug)
        invited = identity.add_person(session, owner, name="Mia Maker", email="mia@example.org")
        principal = Ref.parse(invited.person.ref)
        identity.grant_role(session, owner, principal=principal, role=Role.data_scientist, department=THERE)
        return identity.get_actor(session, invited.person.ref)


def _pilot(parts: Parts, maker: Actor, folder: Path) -> tuple[dict[str, Any], str]:
    path = folder / "leads.csv"
    lead_scoring.write_example(path, rows=600, seed=5)
    digest = file_digest(path)
    key = "uploads/" + digest.removeprefix("sha256-")
    parts.storage.ensure(key, path)
    request = portfolio.PilotRequest(
        name="lead-scoring",
        solution="sales.lead-scoring",
        department=THERE,
        filename=path.name,
        file_key=key,
        file_digest=digest,
        label="converted",
        positive=None,
        time="created_at",
        ordered=False,
        subject="lead_id",
        exclude=(lead_scoring.PLANTED_LEAK,),
        value_per_success="120.00 EUR",
        cost_per_action="4.00 EUR",
    )
    with parts.database.session() as session:
        started = portfolio.start_pilot(session, maker, parts.jobs, portfolio.shelf(None), request=request)
    return parts.jobs.run_now("pilot", {"pilot": started.id}, maker), started.job


def _decision(parts: Parts, folder: Path, deployment: str) -> dict[str, str]:
    owner = Actor(ref="person:local", name="Local owner")
    with parts.database.session() as session:
        service = Ref.parse("service:crm")
        token = identity.create_token(session, owner, owner=service, name="crm", scopes=("decide",))
        granted = serving.grant(
            session,
            owner,
            name=deployment,
            environment="sandbox",
            token_hash=token.hash,
            principal="service:crm",
            scopes=[serving.Scope.decide],
            expires_at=clock.now() + timedelta(days=1),
        )
    serving.publish_due(parts)
    node = SmallNode(parts, folder / "node")
    made = node.decide(deployment, lead_scoring.example_records(3, seed=2))
    node.ship()
    serving.take_in(parts.database, parts.storage, catalog.lake_of(parts), node.key)
    return {"decision": made[0][0], "grant": granted[0].id, "token": token.id}


def _dossier(parts: Parts, maker: Actor, result: dict[str, Any]) -> str:
    with parts.database.session() as session:
        kind = dossiers.DossierKind.model_risk
        return dossiers.make_dossier(session, parts, maker, usecase=result["usecase"], kind=kind).id


def _plan(parts: Parts, maker: Actor, folder: Path) -> str:
    """A plan to take the use case elsewhere, carried out."""
    path = folder / "leads.csv"
    digest = file_digest(path)
    parts.jobs.define("scale", scaling.scale_job)
    with parts.database.session() as session:
        request = scaling.PlanRequest(
            usecase="lead-scoring",
            department=ELSEWHERE,
            version=scaling.version_to_scale(session, "lead-scoring"),
            filename="leads.csv",
            file_key="uploads/" + digest.removeprefix("sha256-"),
            file_digest=digest,
            columns=(),
            values=(),
        )
        plan = scaling.start_plan(session, maker, parts.jobs, request=request)
    parts.jobs.run_now("scale", {"plan": plan.id}, maker)
    return plan.id


def _incident(parts: Parts, maker: Actor, result: dict[str, Any]) -> dict[str, str]:
    """An incident about what decides, and a notification that was sent."""
    wanted = incidents.Wanted(
        title="Wrong salaries", what="A batch of salaries was wrong", concerns=(f"usecase:{result['usecase']}",)
    )
    with parts.database.session() as session:
        made = incidents.open_incident(session, maker, wanted).id
        [draft] = incidents.draft_notices(session, maker, made, clock_id="OWN-TELL", storage=parts.storage)
        proof = ("receipt.txt", b"taken in")
        incidents.mark_sent(
            session, maker, made, draft.id, sent_at=clock.now(), to="the sponsor", file=proof, storage=parts.storage
        )
        return {"incident": made, "notice": draft.id}


def _alert(parts: Parts, result: dict[str, Any]) -> str:
    """An alert as a judged day leaves it."""
    name, today = ids.new_id("alr"), clock.now().date()
    with parts.database.session() as session:
        deployment = serving.find_deployments(session, ListQuery(limit=1)).items[0]
        session.add(
            AlertRow(
                id=name,
                environment=deployment.environment,
                deployment=deployment.name,
                release=deployment.release,
                usecase=result["usecase"],
                version=deployment.version,
                kind="unseen",
                severity="warning",
                state="open",
                since=today,
                noticed_on=today,
                last_seen=today,
                quiet_days=0,
                is_over=False,
                columns=["source"],
                evidence={
                    "day": today.isoformat(),
                    "decisions": 3,
                    "reference_rows": 600,
                    "level": 1e-6,
                    "columns": {},
                },
                opened_at=clock.now(),
            )
        )
    return name


def _exception(session: Session, maker: Actor) -> str:
    """A use of Annex III that somebody holds not to be high-risk."""
    risk = {**MINIMAL_RISK, "annex_iii": ["4a"], "profiling": False}
    governance.open_usecase(session, maker, slug="letters", title="Sort letters", department=THERE, risk=risk)
    made = governance.assess_exception(
        session,
        maker,
        "letters",
        condition=governance.ExceptionCondition.preparatory_task,
        reasons="It sorts letters into folders and says nothing about who wrote them.",
    )
    return made.id


def _told(parts: Parts, maker: Actor, result: dict[str, Any], folder: Path) -> dict[str, str]:
    """Ask for a release, speak about the case, keep a file: and call everything by its name."""
    slug, model = result["usecase"], result["model"]
    about = Ref("usecase", slug)
    known = {"owner": maker.ref, "sponsor": maker.ref, "purpose": "call the likeliest first"}
    with parts.database.session() as session:
        governance.update_usecase(session, maker, slug, changes=known | {"people_affected": "leads"}, risk=MINIMAL_RISK)
        excepted = _exception(session, maker)
        version = f"model:{model['name']}@{model['version']}"
        release = registry.request_release(session, maker, version=version, environment="pilot")
        waiver = governance.request_waiver(
            session, maker, usecase=slug, environment="pilot", pack="headway-core", control="HW-SPONSOR", days=10,
            reason="the sponsor is on leave", compensation="the owner answers for them meanwhile",
        )  # fmt: skip
        glass = governance.request_break_glass(
            session, maker, usecase=slug, environment="pilot", subject=Ref.parse(version), subject_digest=release.digest,
            reason="the model in place refuses everything",
        )  # fmt: skip
        comment = collaboration.add_comment(session, maker, subject=about, text="Read the report first.")
        task = collaboration.create_task(session, maker, title="Read the report", subject=about)
        view = collaboration.save_view(session, maker, name="Mine", page="/usecases")
        source = folder / "leads.csv"
        kept = catalog.keep_upload(session, maker, parts.storage, source=source, filename="more.csv", department=THERE)
        for vendor in ("acme", "bolt"):
            governance.open_vendor(session, maker, slug=vendor, name=vendor.title())
        for system, kind in (("scorer", "own"), ("ranker", "own")):
            governance.open_system(session, maker, slug=system, title=system.title(), kind=kind)
        governance.link_system(session, maker, "scorer", slug)
        provider = identity.ProviderConfig(
            id="corp", label="Corp", issuer="https://login.example.org", client_id="headway"
        )
        identity.add_provider(session, maker, provider)
        asked = portfolio.ReplayRequest(
            usecase=slug,
            department=THERE,
            time="created_at",
            outcome="converted",
            filename="leads.csv",
            file_key=kept.file_key,
            file_digest=kept.digest,
        )
        replay = portfolio.start_replay(session, maker, parts.jobs, request=asked)
        taken = _intake(session, maker, slug) | _mandate(session, parts)
        taken |= before_council(session, maker, slug, THERE)
        seat = assessments.appoint(session, maker, seat="privacy", person=maker.ref)
        template = assessments.publish_template(session, maker, BEGINNING)
        assessed = assessments.open_assessment(session, maker, usecase=slug, template="privacy")
        projections.set_discount_rate(session, maker, percent="8", reason="for the matrix")
        projected = projections.project(
            session, maker, usecase=slug, title="First", assumptions=assumptions(draws=1000)
        )
        risk = risks.add_risk(session, maker, usecase=slug, estimate=estimate())
        due_on = clock.now().date() + timedelta(days=30)
        risk = risks.treat_risk(
            session, maker, risk.id, action="watch it", effect="sooner", owner=maker.ref, due_on=due_on
        )
        event = ledger.find(session, limit=1).items[0]
        return {
            **taken,
            "usecase": slug,
            "vendor": "acme",
            "system": "scorer",
            "product": result["product"],
            "contract_change": _contract_change(session, maker, parts, result["product"]),
            "data_access": access.request_access(
                session, maker, result["product"], purpose="See who buys", until=clock.now().date() + timedelta(days=60)
            ).id,
            "port": connectors.add_port(
                session, maker, result["product"], name="crm", kind="sql", settings=SOURCE["settings"]
            ).name,
            "repair": _repair(session, parts, maker, result["product"]),
            "model": model["name"],
            "number": str(model["version"]),
            "deployment": result["deployment"]["name"],
            "pilot": result["pilot"],
            "replay": replay.id,
            "run": registry.list_runs(session, limit=1).items[0].id,
            "release": release.id,
            "approval": governance.list_approvals(session, limit=1).items[0].id,
            "allocation": _round(session, maker, slug),
            "waiver": waiver.id,
            "assessment": assessed.id,
            "risk": risk.id,
            "projection": projected.id,
            "treatment": risk.treatments[0].id,
            "assessor": seat.id,
            "template": template.template.id,
            "glass": glass.id,
            "version_digest": release.digest,
            "exception": excepted,
            "verdict": governance.list_verdicts(session, limit=1).items[0].id,
            "pack": governance.list_packs(session)[0].id,
            "comment": comment.id,
            "task": task.id,
            "view": view.id,
            "upload": kept.id,
            "provider": "corp",
            "event": event.id,
            "person": maker.ref.removeprefix("person:"),
            "department": THERE,
            "role": identity.list_roles(session, principal=maker.ref).items[0].id,
            "digest": governance.get_usecase(session, slug).digest,
        }


def _contract_change(session: Session, maker: Actor, parts: Parts, product: str) -> str:
    """A new version of a contract that breaks nobody."""
    means = changes.means_of(parts)
    known = catalog.get_product(session, product)
    edit = changes.ColumnEdit(column=known.columns[0], description="What the row is called by")
    draft = changes.draft_of(session, product, None, [edit])
    return changes.propose(session, maker, means, product=product, text=draft, reason="said for the matrix").id


def _repair(session: Session, parts: Parts, maker: Actor, product: str) -> str:
    """A refused suggestion, taught by a label."""
    data = repairs.Data(session, parts.storage, catalog.lake_of(parts))
    known = catalog.columns_of(catalog.get_product(session, product).contract)
    column = next(one.name for one in known if not one.is_restricted)
    repairs.label(data, maker, product, [repairs.Label(row=1, wrong={column: None})])
    choice = repairs.Choice(cells=((1, column),))
    return repairs.refuse(data, maker, product, choice, reason="for the matrix").id


def _round(session: Session, maker: Actor, slug: str) -> str:
    """Means asked for, and a round that waits for a second person."""
    asked = portfolio.Asked(budget="1000 EUR", value="3000 EUR", reason="an engineer")
    portfolio.request_resources(session, maker, slug, asked)
    days = {"starts": date(2027, 1, 1), "ends": date(2027, 7, 1)}
    return portfolio.draft_allocation(
        session, maker, portfolio.Draft(title="Spring", limits=portfolio.Limits(), **days)
    ).id


def _intake(session: Session, maker: Actor, slug: str) -> dict[str, str]:
    """A tool that was seen, and an umbrella that waits for a second person."""
    governance.decide_tier(session, maker, slug, tier=governance.Tier.minimal, reasons="it orders a list, no more")
    until = clock.now().date() + timedelta(days=90)
    umbrella = governance.ask_umbrella(
        session, maker, slug, conditions="No names of people", tier="minimal", valid_until=until
    )
    seen = governance.report_sighting(session, maker, tool="ChatGPT", what_for="Letters", department=THERE)
    return {"umbrella": umbrella.id, "sighting": seen.id}


def _mandate(session: Session, parts: Parts) -> dict[str, str]:
    """A programme there, with a mandate that its sponsor signed."""
    owner = Actor(ref="person:local", name="Local owner")
    sponsor = identity.add_person(session, owner, name="Sue Sponsor", email="sue@example.org").person
    mandates.open_programme(session, owner, slug="growth", title="Growth", sponsor=sponsor.ref, departments=[THERE])
    today = clock.now().date()
    drafted = mandates.draft_mandate(
        session,
        owner,
        "growth",
        purpose="Win more deals with less cold calling",
        budget_minor=25_000_000,
        currency="EUR",
        people=3.5,
        valid_from=today,
        valid_until=today + timedelta(days=300),
    )
    signer = Actor(ref=sponsor.ref, name=sponsor.name)
    mandates.sign_mandate(session, parts.signer, signer, drafted.id, digest=drafted.digest)
    limit = mandates.Limit(kind=mandates.LimitKind.tier, scope="high", most=9, currency="")
    adopted = mandates.adopt_appetite(session, owner, [limit], "what the board decided in its last meeting")
    row = mandates.RightsRow(
        lane=mandates.EVERY, stage="scaling", proposes=("ai_office", "data_scientist", "department_head", "sponsor")
    )
    mandates.save_draft(session, owner, [row])
    matrix = mandates.adopt_rights(session, owner, "what the board decided in its last meeting")
    mandates.confirm_rights(session, parts.signer, signer, matrix.version, digest=matrix.digest)
    mandates.adopt_rights(session, owner, "the same again, for somebody to confirm it")
    return {
        "programme": "growth",
        "mandate": drafted.id,
        "appetite": str(adopted.version),
        "rights": str(matrix.version),
    }


def remembering(parts: Parts) -> tuple[Parts, Remembering]:
    """The parts with the real rules and real sign-in, and the rules' memory."""
    from headway.entrypoints.subjects import EverySubject

    rules = Remembering(identity.CedarAuthorizer(parts.database))
    subjects = EverySubject(rules, parts.jobs, lambda: catalog.lake_of(parts))
    return replace(parts, authorizer=rules, authenticate=identity.authenticate, subjects=subjects), rules
