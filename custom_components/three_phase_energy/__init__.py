"""Three-Phase Energy."""
