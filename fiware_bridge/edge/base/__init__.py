"""The base of every room: JSON, instants, tenants and paths, errors, HTTP, and SQLite with its threads."""
