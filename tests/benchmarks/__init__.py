"""Measurements, run by hand; each prints a table and asserts nothing about time."""

from service.processor import limit_torch

limit_torch()
