"""The test bench: the common tools of tests and laboratories, so that neither has to import the other."""
