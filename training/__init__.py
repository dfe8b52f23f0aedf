"""Turns a taxonomy and a corpus into a model folder; knows nothing of the service."""
