"""The NGSI-v2 interface, and its contract with Orion."""
