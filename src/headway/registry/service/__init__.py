"""Use cases of the registry, one file an idea."""
