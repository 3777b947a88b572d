"""What was received, kept in bounded memory: the oldest goes first, and from the resource that holds the most."""
