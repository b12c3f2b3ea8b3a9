"""Department solutions: one folder each, found by the entry-point group ``headway.solutions``.

They know front doors only and never each other; a customer's own solution comes through the same door.
"""
