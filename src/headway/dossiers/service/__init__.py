"""The use cases of dossiers."""

from headway.dossiers.service.auditing import audit_bias
from headway.dossiers.service.boarding import quarters, start_board_pack
from headway.dossiers.service.bundling import JOB, start_bundle
from headway.dossiers.service.exchanging import OscalKind, oscal_of_pack, oscal_of_usecase
from headway.dossiers.service.listing import find_dossiers, list_dossiers
from headway.dossiers.service.making import (
    action_to_read,
    compare,
    file_name,
    get_dossier,
    make_dossier,
    read_content,
    read_file,
    standings,
)
from headway.dossiers.service.steps import settle_dossiers

__all__ = [
    "JOB",
    "OscalKind",
    "action_to_read",
    "audit_bias",
    "compare",
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
