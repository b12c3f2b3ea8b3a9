"""Where rows lie and what they point at."""

from __future__ import annotations

SCHEMA = {"schema": "governance"}


USE_CASE = "governance.usecases.slug"
