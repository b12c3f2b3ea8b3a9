"""The ``headway`` program. It loads a noun's commands only when they are asked for, so that it starts at once."""

from headway.entrypoints.cli.program import main

__all__ = ["main"]
