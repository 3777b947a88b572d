"""Clusters in tests."""
