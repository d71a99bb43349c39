"""The durable queue between a meter and a context broker: free of Home Assistant and of NGSI."""
