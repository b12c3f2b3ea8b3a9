"""Cleaning suggestions: cells of a table that are probably wrong, why, and how they could be repaired.

Works on a table alone. Nothing is changed unless a suggestion that names the cell is accepted.
"""
