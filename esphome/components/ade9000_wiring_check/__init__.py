"""The check of a meter's wiring, a platform of text sensors."""
