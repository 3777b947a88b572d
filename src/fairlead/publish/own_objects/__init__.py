"""Objects and charts that a definition brings along or changes by itself."""
