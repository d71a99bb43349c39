"""The processes of a whole installation, for the demo and the tests."""
