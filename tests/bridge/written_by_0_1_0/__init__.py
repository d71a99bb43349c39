"""A broker's folder as version 0.1.0 left it when it was killed, with what it had answered before; `write.py` made it."""
