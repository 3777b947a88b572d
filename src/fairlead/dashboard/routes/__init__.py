"""The routes of the control API: their table, and a module of handlers for each subject."""
