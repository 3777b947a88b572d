"""Metrics as plots: pure functions over series of points."""
