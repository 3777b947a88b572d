"""From calls to the text of a Python file."""
