"""What a run looks like: a live table in a terminal, lines elsewhere, JSON on request."""
