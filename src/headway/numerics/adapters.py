"""The compiled kernels' cache on disk, and loading them before the first decision needs them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headway.numerics.additive import additive_engine
from headway.numerics.trees import tree_engine

_SMALL_TREE = """Tree=0
num_leaves=2
num_cat=0
split_feature=0
threshold=0.5
decision_type=10
left_child=-1
right_child=-2
leaf_value=-1 1
is_linear=0
shrinkage=1


"""
_SMALL_MODEL = f"""tree
version=v4
num_class=1
num_tree_per_iteration=1
max_feature_idx=0
objective=binary sigmoid:1
feature_names=f0
tree_sizes={len(_SMALL_TREE)}

{_SMALL_TREE}end of trees
"""


def use_kernel_cache(folder: Path) -> None:
    """Keep compiled kernels in a folder; must come before the first engine is made in this process."""
    import numba

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010  the module is filled at run time


def warm_up() -> None:
    """Load the compiled kernels, or compile them (some seconds) when the cache has none."""
    engine = tree_engine(_SMALL_MODEL, np.zeros(1))
    engine.score(np.ones((1, 1)), reasons=True)
    engine.score(np.ones((1, 1)), reasons=False)
    additive_engine({"schema": 1, "columns": ["a"], "intercept": 0.0, "terms": []}, np.zeros(1))
