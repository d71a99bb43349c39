"""Subscriptions: what fires them, how their notifications are sent, and what is kept of both."""
