"""Applies a changed definition to a run: what differs is found (pure), and just that is done."""
