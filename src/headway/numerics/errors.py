"""Errors of the scoring engines."""

from headway.kernel.errors import Invalid


class ModelMalformed(Invalid):
    """A model text or table is not what its format promises; nothing of it is used."""

    code = "numerics.model_malformed"


class ModelUnsupported(Invalid):
    """A model is well-formed but uses something the engines do not run."""

    code = "numerics.model_unsupported"


class ShapeMismatch(Invalid):
    """An array has another shape than the engine's columns."""

    code = "numerics.shape_mismatch"
