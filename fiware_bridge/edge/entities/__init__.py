"""Entities: what they are, how they are read from JSON, queried, changed, kept and shown."""
