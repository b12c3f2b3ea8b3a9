"""The operations of the API by what they are about."""

from __future__ import annotations

from typing import Generic

from headway_client.namespaces.assessments import Assessments, AssessmentTemplates, Assessors
from headway_client.namespaces.catalog import Contracts, Products, Uploads
from headway_client.namespaces.collaboration import (
    ActivityFeed,
    Comments,
    Inbox,
    OwnPreferences,
    Tasks,
    Views,
    Watches,
    Webhooks,
)
from headway_client.namespaces.contract_changes import ContractChanges
from headway_client.namespaces.council import Calendar, CouncilConditions, CouncilItems, Councils, Meetings
from headway_client.namespaces.data_access import DataAccesses
from headway_client.namespaces.descriptors import Descriptors
from headway_client.namespaces.dossiers import Dossiers
from headway_client.namespaces.governance import (
    Approvals,
    BreakGlasses,
    EvidenceRecords,
    Gates,
    Operate,
    Packs,
    Quorums,
    Revocations,
    Sightings,
    Systems,
    Umbrellas,
    UseCases,
    Vendors,
    Verdicts,
    Waivers,
)
from headway_client.namespaces.identity import (
    Departments,
    IdentityProviders,
    People,
    Permissions,
    Roles,
    Sessions,
    Tokens,
)
from headway_client.namespaces.incidents import IncidentRegister
from headway_client.namespaces.jobs import Jobs
from headway_client.namespaces.ledger import Ledger
from headway_client.namespaces.mandates import Appetites, Mandates, Programmes, Rights
from headway_client.namespaces.minima import QualityMinima
from headway_client.namespaces.monitoring import AlertList, Monitors
from headway_client.namespaces.portfolio import Allocations, Pilots, Replays, Solutions
from headway_client.namespaces.ports import Ports
from headway_client.namespaces.quarantine import Quarantine
from headway_client.namespaces.registry import Models, Releases, Runs
from headway_client.namespaces.repairs import Repairs
from headway_client.namespaces.risks import Risks
from headway_client.namespaces.scaling import ScalePlans
from headway_client.namespaces.serving import Decisions, Deployments, Grants, Outcomes, Snapshots
from headway_client.namespaces.value import DiscountRates, Projections, RateCards
from headway_client.operations import M


class Everything(Generic[M]):
    """Every namespace, on one connection."""

    def __init__(self, connection: M) -> None:  # noqa: PLR0915  one line a namespace
        self._connection = connection
        self.activity = ActivityFeed(connection)
        self.alerts = AlertList(connection)
        self.allocations = Allocations(connection)
        self.appetites = Appetites(connection)
        self.approvals = Approvals(connection)
        self.assessments = Assessments(connection)
        self.assessment_templates = AssessmentTemplates(connection)
        self.assessors = Assessors(connection)
        self.rights = Rights(connection)
        self.risks = Risks(connection)
        self.break_glass = BreakGlasses(connection)
        self.calendar = Calendar(connection)
        self.comments = Comments(connection)
        self.contract_changes = ContractChanges(connection)
        self.contracts = Contracts(connection)
        self.council_conditions = CouncilConditions(connection)
        self.council_items = CouncilItems(connection)
        self.councils = Councils(connection)
        self.meetings = Meetings(connection)
        self.data_access = DataAccesses(connection)
        self.quarantine = Quarantine(connection)
        self.quality_minima = QualityMinima(connection)
        self.descriptors = Descriptors(connection)
        self.decisions = Decisions(connection)
        self.departments = Departments(connection)
        self.deployments = Deployments(connection)
        self.dossiers = Dossiers(connection)
        self.evidence = EvidenceRecords(connection)
        self.gates = Gates(connection)
        self.grants = Grants(connection)
        self.identity_providers = IdentityProviders(connection)
        self.inbox = Inbox(connection)
        self.incidents = IncidentRegister(connection)
        self.jobs = Jobs(connection)
        self.ledger = Ledger(connection)
        self.mandates = Mandates(connection)
        self.models = Models(connection)
        self.monitors = Monitors(connection)
        self.outcomes = Outcomes(connection)
        self.packs = Packs(connection)
        self.people = People(connection)
        self.permissions = Permissions(connection)
        self.pilots = Pilots(connection)
        self.ports = Ports(connection)
        self.preferences = OwnPreferences(connection)
        self.products = Products(connection)
        self.projections = Projections(connection)
        self.discount_rates = DiscountRates(connection)
        self.programmes = Programmes(connection)
        self.quorums = Quorums(connection)
        self.umbrellas = Umbrellas(connection)
        self.sightings = Sightings(connection)
        self.rates = RateCards(connection)
        self.releases = Releases(connection)
        self.repairs = Repairs(connection)
        self.replays = Replays(connection)
        self.operate = Operate(connection)
        self.revocations = Revocations(connection)
        self.roles = Roles(connection)
        self.runs = Runs(connection)
        self.scale_plans = ScalePlans(connection)
        self.sessions = Sessions(connection)
        self.snapshots = Snapshots(connection)
        self.solutions = Solutions(connection)
        self.systems = Systems(connection)
        self.tasks = Tasks(connection)
        self.tokens = Tokens(connection)
        self.uploads = Uploads(connection)
        self.usecases = UseCases(connection)
        self.vendors = Vendors(connection)
        self.verdicts = Verdicts(connection)
        self.views = Views(connection)
        self.waivers = Waivers(connection)
        self.watches = Watches(connection)
        self.webhooks = Webhooks(connection)
