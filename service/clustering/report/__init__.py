"""The page about running stories."""
