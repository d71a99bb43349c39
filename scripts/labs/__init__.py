"""The laboratories: each measures something about the product and reports it as tables and figures."""
