"""The FIWARE side of the product: a context broker small enough for the machine that already runs Home Assistant."""

VERSION = "0.1.0"
