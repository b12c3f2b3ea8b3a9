"""Python client of the Headway API: ``Client("http://127.0.0.1:8460", token=...)``."""

from headway_client.client import Client, Node
from headway_client.errors import (
    Conflict,
    Denied,
    HeadwayError,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

__version__ = "0.1.0"

__all__ = [
    "Client",
    "Conflict",
    "Denied",
    "HeadwayError",
    "Invalid",
    "Node",
    "NotFound",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
]
