"""Telemetry: what resources send by OTLP, kept in bounded memory, and the questions about it."""
