"""Measurements, run by hand; each prints a table and asserts nothing about time."""

from service.processor import rest_between_calls

rest_between_calls()
