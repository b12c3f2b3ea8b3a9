"""The ground every package stands on: ids, clock, money, errors, settings, database, storage, crypto, jobs.

It knows no business word. Importing ``headway.kernel`` imports nothing; take its submodules one by one, so that a
decision node loads no library of the platform.
"""
