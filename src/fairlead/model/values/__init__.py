"""Texts of a definition that are known later or come from elsewhere, and the plain data that may stand for a text."""
