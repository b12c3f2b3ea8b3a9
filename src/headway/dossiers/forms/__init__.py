"""One file for each kind of document: its sections and sources as data, each with the function that draws it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from headway.dossiers.entities import DossierKind, Form
from headway.dossiers.forms.annex_iv import ANNEX_IV
from headway.dossiers.forms.board_pack import BOARD_PACK
from headway.dossiers.forms.dpia import DPIA
from headway.dossiers.forms.fria import FRIA
from headway.dossiers.forms.ll144 import LL144
from headway.dossiers.forms.model_risk import MODEL_RISK

__all__ = ["BOARD_PACK", "OF_USECASE"]

OF_USECASE: Mapping[DossierKind, Form] = {one.kind: one for one in (ANNEX_IV, DPIA, FRIA, LL144, MODEL_RISK)}
"""The kinds of documents about one use case."""
