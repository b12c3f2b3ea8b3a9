"""Dossiers: documents that law, supervisors, boards and auditors ask for, drawn from records, with every gap named.

``make_dossier`` fills a form from what the platform knows now and keeps it for ever; ``standings`` tells for a use case what
is owed, what is missing and what is outdated.
"""

from headway.dossiers.entities import (
    Dossier,
    DossierFile,
    DossierKind,
    DossierStanding,
    DossierState,
    Due,
    Gap,
)
from headway.dossiers.errors import DossierAsked, DossierDamaged, DossierNotMade, NoVerdict, UnknownDossier
from headway.dossiers.jobs import dossier_job
from headway.dossiers.service import (
    JOB,
    OscalKind,
    action_to_read,
    compare,
    file_name,
    find_dossiers,
    get_dossier,
    list_dossiers,
    make_dossier,
    oscal_of_pack,
    oscal_of_usecase,
    read_file,
    settle_dossiers,
    standings,
    start_bundle,
)

__all__ = [
    "JOB",
    "Dossier",
    "DossierAsked",
    "DossierDamaged",
    "DossierFile",
    "DossierKind",
    "DossierNotMade",
    "DossierStanding",
    "DossierState",
    "Due",
    "Gap",
    "NoVerdict",
    "OscalKind",
    "UnknownDossier",
    "action_to_read",
    "compare",
    "dossier_job",
    "file_name",
    "find_dossiers",
    "get_dossier",
    "list_dossiers",
    "make_dossier",
    "oscal_of_pack",
    "oscal_of_usecase",
    "read_file",
    "settle_dossiers",
    "standings",
    "start_bundle",
]
