"""Charts: one module a kind, each with its frozen input, its table and its sentence."""
