"""One start of one resource: what it waits for, its health, how far it has come, and how it ends."""
