"""Batches of rows that came in by a port: what the port does with bad rows, and the rows that wait to be mended.

What is here lies below registering; ``headway.catalog.quarantine`` is the front door for everybody else.
"""
