"""Outside libraries: Cedar, which evaluates the rules, and argon2, which hashes passwords."""

from headway.identity.adapters.authorizer import CedarAuthorizer, actions_of, decide, narrowed, rules
from headway.identity.adapters.hashing import check_password, hash_password, is_outdated

__all__ = [
    "CedarAuthorizer",
    "actions_of",
    "check_password",
    "decide",
    "hash_password",
    "is_outdated",
    "narrowed",
    "rules",
]
