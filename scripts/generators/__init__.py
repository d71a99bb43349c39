"""Derives committed files from the table of quantities: one module for each language."""
