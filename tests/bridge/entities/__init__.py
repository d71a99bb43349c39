"""Entities and the query language."""
