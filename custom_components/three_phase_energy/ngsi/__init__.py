"""The FIWARE side of the integration: NGSI-v2 entities, the outbox on disk and its delivery to a context broker."""
