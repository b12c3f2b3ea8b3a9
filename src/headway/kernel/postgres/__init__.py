"""The embedded PostgreSQL: its own small supervisor around the server's binaries.

Only the process that holds the home's lock may start it. The server listens on a socket in a folder that its owner
alone can enter, and asks the kernel who connects (``peer``). It dies with the process that started it.
"""

from headway.kernel.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
