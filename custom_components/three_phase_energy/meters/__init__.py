"""A meter as a config entry: its source, the intake of its records, and its sensors."""
