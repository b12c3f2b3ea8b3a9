"""Names columns to look at before any score is believed: identifiers, copies of the label, leaks, echoes of time.

One file a suspicion; each takes a ``Screening`` and yields ``Suspect`` values. Suspects are warnings: only identifiers,
constants, columns of too many values and copies of the label are kept from the model by themselves.
"""

from headway.registry.suspects.find import AUTO_EXCLUDED, find_suspects

__all__ = ["AUTO_EXCLUDED", "find_suspects"]
