"""The commands of a cluster, and how a command is run inside a part of it."""
