"""Plans to scale, over HTTP and at the terminal: who may make, read and feed one, and what each face says."""

from __future__ import annotations

FOLDER_NAME = "leads_south.csv"
