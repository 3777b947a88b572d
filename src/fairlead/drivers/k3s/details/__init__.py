"""What the page of a cluster shows beyond snapshots."""
