"""Numbers without side effects: scoring engines with exact reasons, calibration, and small functions of scores.

Everything here takes arrays or text and returns values; nothing reads files, clocks or networks.
"""

from headway.numerics.adapters import use_kernel_cache, warm_up
from headway.numerics.additive import AdditiveEngine, additive_engine
from headway.numerics.cash_flow import (
    discount_factors,
    draw_between,
    internal_rate,
    mean_between,
    payback_month,
    present_value,
    sign_changes,
    variance_between,
)
from headway.numerics.distributions import (
    chi_square_quantile,
    chi_square_tail,
    hypergeometric_tail,
    normal_quantile,
    student_t_quantile,
)
from headway.numerics.divergence import homogeneity, jensen_shannon, psi, psi_noise
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
from headway.numerics.profile_text import fits, plain_profile, plain_reference, read_profile, read_reference
from headway.numerics.profiles import (
    UNSEEN,
    Profile,
    Reference,
    Ruler,
    Tally,
    category_ruler,
    empty_profile,
    empty_tally,
    merge_profiles,
    merge_tallies,
    moments,
    number_ruler,
    profile_rows,
    tally,
)
from headway.numerics.reasons import top_reasons
from headway.numerics.trees import TreeEngine, tree_engine

__all__ = [
    "UNSEEN",
    "AdditiveEngine",
    "Calibration",
    "CalibrationKind",
    "Engine",
    "FloatArray",
    "ModelMalformed",
    "ModelUnsupported",
    "Profile",
    "Reference",
    "Ruler",
    "Scores",
    "ShapeMismatch",
    "Tally",
    "TreeEngine",
    "additive_engine",
    "calibrate",
    "calibrate_one",
    "calibration_problems",
    "category_ruler",
    "check_calibration",
    "chi_square_quantile",
    "chi_square_tail",
    "discount_factors",
    "draw_between",
    "empty_profile",
    "empty_tally",
    "fits",
    "homogeneity",
    "hypergeometric_tail",
    "internal_rate",
    "jensen_shannon",
    "logit",
    "mean_between",
    "merge_profiles",
    "merge_tallies",
    "moments",
    "normal_quantile",
    "number_ruler",
    "payback_month",
    "plain_profile",
    "plain_reference",
    "present_value",
    "profile_rows",
    "psi",
    "psi_noise",
    "read_profile",
    "read_reference",
    "sigmoid",
    "sign_changes",
    "student_t_quantile",
    "tally",
    "top_reasons",
    "tree_engine",
    "use_kernel_cache",
    "variance_between",
    "warm_up",
]
