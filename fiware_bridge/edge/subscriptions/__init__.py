"""Subscriptions: their conditions, the sending of their notifications, and the storage of both."""
