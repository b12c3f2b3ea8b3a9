"""The simulated company: a year of an organisation's work, made by its people through the real doors at a simulated time.

``building`` fills an empty home, ``wiping`` empties it again, ``marker`` tells such a home from every other, which is left alone.
"""
