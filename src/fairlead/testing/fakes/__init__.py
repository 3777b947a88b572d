"""Engines in memory, which behave as the real ones do."""
