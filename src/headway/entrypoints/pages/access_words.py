"""Roles and actions in words, grouped as people think of them, and effective access put so that it can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headway.entrypoints.pages.navigation import N_
from headway.identity import AllowedAction, Department, EffectiveAccess, Role

ROLES: Mapping[Role, tuple[str, str]] = {
    Role.ai_office: (N_("AI office"), N_("governs: people, roles, policies, and everything else")),
    Role.sponsor: (N_("Sponsor"), N_("answers for the value of use cases")),
    Role.council: (N_("Council"), N_("approves what goes above the sandbox, decides tiers")),
    Role.department_head: (N_("Department head"), N_("leads the use cases of a department")),
    Role.data_owner: (N_("Data owner"), N_("keeps data products and their contracts")),
    Role.data_scientist: (N_("Data scientist"), N_("builds: pilots, runs, models, requests for release")),
    Role.auditor: (N_("Auditor"), N_("reads everything, the ledger included, and changes nothing")),
    Role.operator: (N_("Operator"), N_("deploys, suspends, resumes, hands out access to deployments")),
    Role.employee: (N_("Employee"), N_("proposes use cases and reads the inventory")),
}
HOW: Mapping[str, str] = {
    "password": N_("password"),
    "link": N_("one-time link"),
    "invitation": N_("invitation"),
    "set-up": N_("first set-up"),
    "company": N_("taken over in the simulated company"),
}
GROUPS: tuple[tuple[str, Mapping[str, str]], ...] = (
    (
        N_("Use cases and evidence"),
        {
            "usecase:open": N_("propose a use case"),
            "usecase:read": N_("read use cases"),
            "usecase:update": N_("change a use case"),
            "usecase:retire": N_("retire a use case or take it up again"),
            "tier:decide": N_("decide the risk tier"),
            "umbrella:approve": N_("put an umbrella in force"),
            "sighting:report": N_("report a tool without an entry"),
            "sighting:read": N_("read which tools were seen"),
            "sighting:import": N_("read a gateway's log"),
            "sighting:settle": N_("settle a tool that was seen"),
            "evidence:record": N_("record evidence"),
            "evidence:read": N_("read evidence"),
            "gate:evaluate": N_("have gates checked"),
            "image:bind": N_("say which bundle an image carries"),
            "gate:read": N_("read what gates said"),
            "waiver:request": N_("ask that a control be waived"),
            "waiver:grant": N_("waive a control that somebody else asked to have waived, or end a waiver"),
            "council:read": N_("see what is before the council and how it was decided"),
            "council:vote": N_("cast the vote of a seat of the council"),
            "council:review": N_("review a case of the council before the vote"),
            "council:act": N_("take part in a case of the council: step back, meet a condition"),
            "council:manage": N_("set up councils and fill their seats"),
            "break_glass:request": N_("ask to break the glass"),
            "break_glass:confirm": N_("break the glass that somebody else asked to break"),
            "break_glass:review": N_("review a broken glass without having had a part in it"),
            "policy:read": N_("read policy packs"),
            "policy:manage": N_("bring policy packs into force"),
            "quorum:set": N_("set how many people must approve"),
            "programme:read": N_("see programmes and their mandates"),
            "programme:manage": N_("open programmes and draft or withdraw mandates"),
            "mandate:sign": N_("sign a mandate as its sponsor"),
            "appetite:read": N_("see the risk appetite and its use"),
            "appetite:adopt": N_("adopt a risk appetite"),
            "appetite:confirm": N_("confirm a risk appetite as a sponsor"),
            "rights:read": N_("see decision rights and who holds which step"),
            "rights:adopt": N_("draft and adopt decision rights"),
            "rights:confirm": N_("confirm decision rights as a sponsor"),
            "system:read": N_("see systems"),
            "system:manage": N_("add, change and retire systems"),
            "vendor:read": N_("see vendors"),
            "vendor:manage": N_("add, change and retire vendors"),
            "dossier:read": N_("read documents that were made, and what is missing in them"),
            "dossier:make": N_("make documents from the records"),
            "dossier:bundle": N_("make the bundle for an auditor"),
            "dossier:board": N_("make and read board packs of the whole organisation"),
            "resources:request": N_("ask for means for a use case"),
            "allocation:read": N_("see who asks for means and who is given them"),
            "allocation:draft": N_("draft a round in which means are given"),
            "allocation:decide": N_("decide a round that somebody else drafted"),
            "rate:read": N_("read what computing costs"),
            "rate:set": N_("set what computing costs"),
            "discount:set": N_("set the discount rate, as the head of finance"),
            "projection:make": N_("project what a use case brings and costs"),
            "projection:read": N_("read what a use case is projected to bring"),
            "risk:read": N_("read risk registers"),
            "risk:manage": N_("write risks down, estimate and treat them"),
            "assessment:open": N_("open an assessment"),
            "assessment:read": N_("read assessments"),
            "assessment:answer": N_("answer an assessment, with its seat"),
            "assessment:sign": N_("sign an assessment that somebody else submitted, or give it back"),
            "assessor:appoint": N_("say who holds the seat of an assessment"),
        },
    ),
    (
        N_("Data"),
        {
            "product:register": N_("register a data product"),
            "product:read": N_("read data products"),
            "product:update": N_("change a data product"),
            "data:request": N_("ask for access to a data product"),
            "data:grant": N_("answer requests for access, and withdraw it"),
            "data:query": N_("read the rows of a data product as its people, or by a grant"),
            "data:follow": N_("see requests, grants and who read what"),
            "contract:answer": N_("answer a change of a contract, when one is asked"),
            "upload:create": N_("send a file"),
            "upload:read": N_("read a file that was sent"),
            "outcome:import": N_("bring in outcomes"),
            "outcome:read": N_("read outcomes"),
        },
    ),
    (
        N_("Pilots and models"),
        {
            "pilot:start": N_("start a pilot"),
            "pilot:read": N_("read pilots and their reports"),
            "scale:plan": N_("plan to take a use case to another department"),
            "scale:read": N_("read plans to scale"),
            "scale:label": N_("bring outcomes to a plan"),
            "run:train": N_("train a model"),
            "run:read": N_("read runs"),
            "model:read": N_("read models"),
            "model:update": N_("change a model's entry"),
            "solution:read": N_("see which solutions there are"),
            "job:read": N_("follow jobs"),
            "job:cancel": N_("cancel jobs"),
        },
    ),
    (
        N_("Releases and decisions"),
        {
            "release:request": N_("ask for a release"),
            "release:read": N_("read releases and approvals"),
            "release:approve": N_("approve a release"),
            "release:reject": N_("reject a release"),
            "release:revoke": N_("revoke a release"),
            "deployment:deploy": N_("deploy"),
            "deployment:read": N_("read deployments"),
            "deployment:suspend": N_("suspend a deployment"),
            "deployment:resume": N_("resume a deployment"),
            "decision:read": N_("read decisions"),
            "decision:inspect": N_("see what a decision was made from"),
            "decision:try": N_("try a decision by hand"),
            "monitoring:read": N_("see how a deployment is watched"),
            "monitoring:run": N_("have a deployment judged now"),
            "alert:read": N_("read alerts"),
            "alert:answer": N_("acknowledge and close alerts"),
            "incident:report": N_("report an incident"),
            "incident:read": N_("read incidents"),
            "incident:manage": N_("look into an incident: tell more, count whom it touched, plan what is mended"),
            "incident:notify": N_("note notifications as sent, and judge clocks not due"),
            "incident:close": N_("close an incident that somebody else opened"),
            "incident:lift": N_("let decide again what an incident stopped, and somebody else had stopped"),
            "incident:rule": N_("publish the clocks that incidents start"),
            "grant:create": N_("let a service call a deployment"),
            "grant:read": N_("see who may call a deployment"),
            "grant:revoke": N_("stop a service from calling a deployment"),
        },
    ),
    (
        N_("People and organisation"),
        {
            "person:read": N_("see people"),
            "person:manage": N_("add, invite and deactivate people"),
            "person:link": N_("make a one-time sign-in link"),
            "role:read": N_("see who holds which role"),
            "role:grant": N_("grant and revoke roles"),
            "access:read": N_("see what somebody may do"),
            "department:read": N_("see departments"),
            "department:manage": N_("add and change departments"),
            "provider:read": N_("see identity providers"),
            "provider:manage": N_("manage identity providers"),
            "session:read": N_("see sessions"),
            "session:revoke": N_("end sessions"),
            "token:create": N_("make a token"),
            "token:read": N_("see tokens"),
            "token:revoke": N_("revoke a token"),
            "password:change": N_("change a password"),
        },
    ),
    (
        N_("Records and working together"),
        {
            "ledger:read": N_("read the ledger"),
            "ledger:verify": N_("verify the ledger"),
            "ledger:export": N_("export the ledger"),
            "ledger:erase": N_("erase personal data from the ledger"),
            "comment:read": N_("read comments"),
            "comment:write": N_("write comments"),
            "comment:moderate": N_("delete comments of others"),
            "task:create": N_("give tasks"),
            "task:read": N_("read tasks"),
            "task:update": N_("change tasks"),
            "activity:read": N_("read what happened"),
            "inbox:read": N_("read an inbox"),
            "inbox:update": N_("change an inbox"),
            "view:read": N_("read saved views"),
            "view:save": N_("save views"),
            "webhook:manage": N_("manage webhooks"),
        },
    ),
)
WORDS: Mapping[str, str] = {action: text for _, actions in GROUPS for action, text in actions.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessThere:
    """What somebody may do in one department, by group of actions; what is below is the same unless it is listed."""

    department: str
    name: str
    roles: tuple[str, ...]
    groups: tuple[tuple[str, tuple[AllowedAction, ...]], ...]
    count: int


def grouped(actions: Iterable[AllowedAction]) -> tuple[tuple[str, tuple[AllowedAction, ...]], ...]:
    """Put actions into their groups; one that has no words yet is in the last, under its own name."""
    known = {one.action: one for one in actions}
    found = [(name, tuple(known.pop(action) for action in words if action in known)) for name, words in GROUPS]
    found.append((N_("Further"), tuple(known.values())))
    return tuple((name, members) for name, members in found if members)


def told(access: EffectiveAccess, tree: Iterable[Department]) -> tuple[AccessThere, ...]:
    """Leave out departments in which the same roles hold as in the one above, for there the same is allowed."""
    known = {one.slug: one for one in tree}
    roles = {there.department: there.roles for there in access.departments}
    return tuple(
        AccessThere(
            department=there.department,
            name=known[there.department].name,
            roles=there.roles,
            groups=grouped(there.actions),
            count=len(there.actions),
        )
        for there in access.departments
        if there.department in known and roles.get(known[there.department].parent or "") != there.roles
    )
