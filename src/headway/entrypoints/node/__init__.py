"""The decision node: the data plane's only program.

It needs the base distribution alone: no database, no training library. ``program`` starts it, ``app`` answers requests,
``state`` holds what it follows, ``desk`` answers. docs/explanation/life-of-a-decision.md tells the path of one decision.
"""

from headway.entrypoints.node.program import main, serve

__all__ = ["main", "serve"]
