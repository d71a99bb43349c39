"""The options of the hub, each with what it refuses and what it becomes in C++."""
