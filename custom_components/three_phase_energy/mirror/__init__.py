"""A context broker as a config entry: the delivery from its outbox, and how that goes."""
