"""Causes: what needs a person, computed from the snapshots of a run."""
