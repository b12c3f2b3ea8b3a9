"""What can go wrong with dossiers, each with a stable code."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class UnknownDossier(NotFound):
    """No dossier has this id, or it has no such file."""

    code = "dossiers.unknown_dossier"


class DossierNotMade(Conflict):
    """The dossier is still being made, or making it failed."""

    code = "dossiers.not_made"


class DossierAsked(Invalid):
    """A kind of dossier needs a use case, or is about the whole organisation."""

    code = "dossiers.asked_wrongly"


class QuarterInvalid(Invalid):
    """The quarter is not written as one, or has not begun."""

    code = "dossiers.quarter_invalid"


class AuditInvalid(Invalid):
    """The file of a bias audit cannot be counted as it was asked; every fault is told."""

    code = "dossiers.audit_invalid"


class AuditNotAsked(Conflict):
    """No pack that is on knows evidence of a bias audit."""

    code = "dossiers.audit_not_asked"


class NoVerdict(Conflict):
    """No gate has given a verdict yet, so that there are no results to tell."""

    code = "dossiers.no_verdict"


class DossierDamaged(Conflict):
    """A kept file no longer has the digest that it was kept under."""

    code = "dossiers.damaged"
