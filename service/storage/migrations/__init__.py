"""Brings the tables of an older Topicwire up to date."""
