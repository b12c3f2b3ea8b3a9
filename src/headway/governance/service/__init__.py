"""Use cases of governance, one file an idea."""
