"""What every room stands on: JSON, instants, tenants and paths, errors, HTTP, and SQLite with its threads."""
