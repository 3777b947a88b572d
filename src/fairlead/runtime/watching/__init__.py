"""What a run does when files change: which of them count, and what follows."""
