"""Routes for what resources send by OTLP: a module per subject, and their table."""
