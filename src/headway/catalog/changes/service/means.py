"""What a change needs beside the database: where files and rows lie, and who knows what depends on a product."""

from __future__ import annotations

from dataclasses import dataclass

from headway.catalog.adapters.lake import Lake, lake_of
from headway.kernel.storage import Storage
from headway.kernel.subjects import Subjects
from headway.kernel.web import Parts


@dataclass(frozen=True, slots=True)
class Means:
    """The parts of a control plane that changes of contracts work with."""

    storage: Storage
    lake: Lake
    subjects: Subjects


def means_of(parts: Parts) -> Means:
    """Take them from the parts of a control plane."""
    return Means(parts.storage, lake_of(parts), parts.subjects)
