"""The history: QuantumLeap's interface, and its series."""
