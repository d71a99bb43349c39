"""The embedded broker: its contract with Orion and QuantumLeap, and its own specification."""
