"""Models: training runs, versions, evaluation, releases.

``train`` makes a model from rows (pure); the rest keeps runs and versions, and brings a version into an environment.
"""

from headway.registry.adapters import code_stamp
from headway.registry.train import fit_model
__all__ = ["code_stamp", "fit_model"]
