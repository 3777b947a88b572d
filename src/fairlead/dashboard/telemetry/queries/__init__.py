"""Answers about telemetry: pure functions over records."""
