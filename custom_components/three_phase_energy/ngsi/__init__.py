"""The FIWARE side of the integration: NGSI-v2 entities, and the clients of context brokers and their history."""
