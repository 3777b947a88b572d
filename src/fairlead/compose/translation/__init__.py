"""From the tree of a compose file to the calls of a definition, and to the list of what they do not carry."""
