"""Faults of an outbox; every text names the thing to check."""


class OutboxError(Exception):
    """The outbox could not do its work on disk; a reading that was being put is not stored and must not be acknowledged."""


class OutboxVersionError(OutboxError):
    """The outbox was written by a newer version of this integration; it is left as it is."""
