"""Says which articles belong together."""
