"""Means given to use cases: what each asks for, where that is too much, and the best choice that the limits allow."""
