"""The objects of everything that has pods."""
