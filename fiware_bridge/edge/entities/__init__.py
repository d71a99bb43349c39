"""Entities: their model, and how they are read from JSON, queried, changed, kept and shown."""
