"""Whether what was installed is up, why not, and waiting for it."""
