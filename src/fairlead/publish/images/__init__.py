"""Which images workloads run, and how those are built that have no Dockerfile."""
