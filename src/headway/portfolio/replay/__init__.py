"""A past time replayed: what contract, monitoring and hold-out would have told, when, and what it would have been worth. Pure."""
