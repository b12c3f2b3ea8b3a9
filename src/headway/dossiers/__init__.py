"""Dossiers: documents that law, supervisors, boards and auditors ask for, drawn from records, with every gap named.

``make_dossier`` fills a form from what the platform knows now and keeps it for ever; ``standings`` tells for a use case what
is owed, what is missing and what is outdated.
"""

from headway.dossiers.entities import (
    Content,
    Dossier,
    DossierFile,
    DossierKind,
    DossierStanding,
    DossierState,
    Due,
    Gap,
    Plotted,
    Ranged,
)
from headway.dossiers.errors import (
    DossierAsked,
    DossierDamaged,
    DossierNotMade,
    NoVerdict,
    QuarterInvalid,
    UnknownDossier,
)
from headway.dossiers.jobs import dossier_job
from headway.dossiers.laying import Numbering, chart_of
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
    quarters,
    read_content,
    read_file,
    settle_dossiers,
    standings,
    start_board_pack,
    start_bundle,
)

__all__ = [
    "JOB",
    "Content",
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
    "Numbering",
    "OscalKind",
    "Plotted",
    "QuarterInvalid",
    "Ranged",
    "UnknownDossier",
    "action_to_read",
    "chart_of",
    "compare",
    "dossier_job",
    "file_name",
    "find_dossiers",
    "get_dossier",
    "list_dossiers",
    "make_dossier",
    "oscal_of_pack",
    "oscal_of_usecase",
    "quarters",
    "read_content",
    "read_file",
    "settle_dossiers",
    "standings",
    "start_board_pack",
    "start_bundle",
]
