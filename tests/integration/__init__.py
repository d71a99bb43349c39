"""Tests of the integration inside Home Assistant's own test harness."""
