"""Config flows, one module per kind of entry."""
