"""The use cases of dossiers."""

from headway.dossiers.service.listing import find_dossiers, list_dossiers
from headway.dossiers.service.making import (
    compare,
    file_name,
    get_dossier,
    make_dossier,
    read_file,
    standings,
)

__all__ = [
    "compare",
    "file_name",
    "find_dossiers",
    "get_dossier",
    "list_dossiers",
    "make_dossier",
    "read_file",
    "standings",
]
