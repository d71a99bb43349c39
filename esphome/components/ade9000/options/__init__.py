"""The options of the hub, each with its checks and its C++."""
