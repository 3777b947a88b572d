"""One run for all processes of a test session."""
