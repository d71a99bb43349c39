"""Quantities and readings of a meter: free of Home Assistant, of NGSI and of storage."""
