"""The one Alembic tree."""
