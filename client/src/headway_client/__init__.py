"""Python client of the Headway API: ``Client("http://127.0.0.1:8460", token=...)`` or ``Client.from_env()``."""

from headway_client.answer import Answer
from headway_client.async_client import AsyncClient
from headway_client.client import Client
from headway_client.errors import (
    Conflict,
    ContractBroken,
    Denied,
    GateBlocked,
    HeadwayError,
    Invalid,
    NoAnswer,
    NotFound,
    NotTheApi,
    RateLimited,
    SamePerson,
    ServerFault,
    StillRunning,
    TimedOut,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from headway_client.lists import AsyncListing, Listing, Page
from headway_client.node import AsyncNode, Node
from headway_client.retries import Retries
from headway_client.version import __version__

__all__ = [
    "Answer",
    "AsyncClient",
    "AsyncListing",
    "AsyncNode",
    "Client",
    "Conflict",
    "ContractBroken",
    "Denied",
    "GateBlocked",
    "HeadwayError",
    "Invalid",
    "Listing",
    "NoAnswer",
    "Node",
    "NotFound",
    "NotTheApi",
    "Page",
    "RateLimited",
    "Retries",
    "SamePerson",
    "ServerFault",
    "StillRunning",
    "TimedOut",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
    "__version__",
]
