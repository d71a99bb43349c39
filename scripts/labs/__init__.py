"""The laboratories: each measures one aspect of the product and reports it as tables and figures."""
