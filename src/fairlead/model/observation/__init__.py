"""What is seen of resources while an app runs: snapshots, states, observed children, use of the machine. Pure data."""
