"""Numbers without side effects: scoring engines with exact reasons, calibration, and small functions of scores.

Everything here takes arrays or text and returns values; nothing reads files, clocks or networks.
"""

from headway.numerics.adapters import use_kernel_cache, warm_up
from headway.numerics.additive import AdditiveEngine, additive_engine
from headway.numerics.distributions import chi_square_tail, normal_quantile, student_t_quantile
from headway.numerics.entities import Calibration, CalibrationKind, Engine, FloatArray, Scores
from headway.numerics.errors import ModelMalformed, ModelUnsupported, ShapeMismatch
from headway.numerics.probability import (
    calibrate,
    calibrate_one,
    calibration_problems,
    check_calibration,
    logit,
    sigmoid,
)
from headway.numerics.reasons import top_reasons
from headway.numerics.trees import TreeEngine, tree_engine

__all__ = [
    "AdditiveEngine",
    "Calibration",
    "CalibrationKind",
    "Engine",
    "FloatArray",
    "ModelMalformed",
    "ModelUnsupported",
    "Scores",
    "ShapeMismatch",
    "TreeEngine",
    "additive_engine",
    "calibrate",
    "calibrate_one",
    "calibration_problems",
    "check_calibration",
    "chi_square_tail",
    "logit",
    "normal_quantile",
    "sigmoid",
    "student_t_quantile",
    "top_reasons",
    "tree_engine",
    "use_kernel_cache",
    "warm_up",
]
