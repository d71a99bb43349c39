"""Subscriptions and their notifications."""
