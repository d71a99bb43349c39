"""What is derived from the table of quantities and committed: one module for each language that it is told in."""
