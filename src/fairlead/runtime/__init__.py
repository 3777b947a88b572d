"""Runs an app: plan (pure), supervise, and the small parts they stand on."""
