"""Compose files: read by Compose's own rules, translated to the calls of a definition, and written as Python.

``reading`` gives one tree of several files, every text with its place; ``translation`` turns its services into calls
and tells what none of them carries; ``writing`` knows Python and nothing of Compose. None of it touches the world:
files are read through a :class:`~fairlead.compose.reading.files.Files`.
"""
