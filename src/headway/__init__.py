"""Headway takes an AI pilot that works in one department and makes it a governed, organisation-wide capability."""

__version__ = "0.1.0"
