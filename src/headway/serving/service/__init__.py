"""The verbs of serving, one file an idea."""
