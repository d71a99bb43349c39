"""The test bench: what the tests and the laboratories share, so that neither has to import the other."""
