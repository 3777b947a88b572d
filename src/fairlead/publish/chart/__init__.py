"""What is published for one environment, as data: objects with values as leaves, and how their parts are named."""
