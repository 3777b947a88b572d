"""Telemetry in a terminal: pure functions from what the control API answers to text."""
