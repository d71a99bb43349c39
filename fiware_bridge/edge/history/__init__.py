"""The history: QuantumLeap's interface, and the series behind it."""
