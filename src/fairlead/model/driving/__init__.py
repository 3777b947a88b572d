"""The contract between a kind of resource and the driver that brings it up and down."""
