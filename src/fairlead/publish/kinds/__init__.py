"""What publishing does for one kind of resource: a module per kind, named by the kind and loaded on first use."""
