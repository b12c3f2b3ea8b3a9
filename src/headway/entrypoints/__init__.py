"""Where Headway meets the world: HTTP, command line, worker, node, and the wiring that knows everybody."""
