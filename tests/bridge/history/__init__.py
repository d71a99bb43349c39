"""The history, and its contract with QuantumLeap."""
