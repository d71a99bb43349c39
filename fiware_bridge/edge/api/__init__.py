"""The NGSI-v2 interface: a request from its border to the broker, and the answer back."""
