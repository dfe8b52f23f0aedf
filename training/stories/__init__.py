"""Learns which articles are of one story."""
