"""Clients of the services of an app: whether they answer, each asked in its own protocol."""
