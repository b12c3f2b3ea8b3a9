"""All SQL of collaboration, one file per idea."""
