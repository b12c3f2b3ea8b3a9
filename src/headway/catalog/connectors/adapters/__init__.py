"""Where input ports touch the world: databases, files, object storage, APIs."""
